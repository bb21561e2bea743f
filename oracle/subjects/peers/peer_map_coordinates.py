"""map_coordinates of SciPy and of JAX as a grid_sample: this adapter computes the positions in pixels
as the documentation says, NaN included, and translates the border modes and the order. It fills
in the documented defaults, because their own belong to another operator. The gradients are JAX's with respect
to the positions, times the pixels that a position moves with each unit of the coordinate."""
import numpy as np
from adapter import Unsupported
from limits import dense, fitting, no_empty, pixels, refusals, word_of

ORDERS = {"nearest": 0, "bilinear": 1}


def borders(library, align_corners):
    # JAX's constant blends with the constant at the rim, as SciPy's grid-constant does.
    return {"zeros": "grid-constant" if library == "scipy" else "constant", "border": "nearest",
            "reflection": "mirror" if align_corners else "reflect"}


class subject:
    def __init__(self, library):
        self.library = library
        if library == "scipy":
            import scipy
            from scipy.ndimage import map_coordinates
            self.map_coordinates = lambda *given, **options: map_coordinates(*given, prefilter=False, **options)
            version, site, issues = scipy.__version__, "https://scipy.org", "https://github.com/scipy/scipy/issues"
        else:
            import jax
            from jax.scipy.ndimage import map_coordinates
            jax.config.update("jax_enable_x64", True)
            self.map_coordinates = map_coordinates
            version, site, issues = jax.__version__, "https://docs.jax.dev", "https://github.com/jax-ml/jax/issues"
        self.info = {"name": f"{library} map_coordinates", "version": version, "homepage": site, "issues": issues,
                     "supports": {"dtypes": ["f32", "f64"], "modes": ["nearest", "bilinear"]}}
        if library == "jax":
            self.grid_sample_backward = self.gradients

    def options(self, input, grid, mode, padding_mode, align_corners):
        fitting(input, grid)
        if input.dtype != grid.dtype or input.dtype.kind != "f":
            raise Unsupported("f32 or f64, the same for both")
        no_empty(input, grid)
        return {"order": word_of(ORDERS, "mode", mode),
                "mode": word_of(borders(self.library, align_corners), "padding_mode", padding_mode)}

    def grid_sample(self, input, grid, mode="bilinear", padding_mode="zeros", align_corners=False):
        options = self.options(input, grid, mode, padding_mode, align_corners)
        input, grid = dense(input, grid)
        at = pixels(grid, input.shape[2:], align_corners)
        with refusals():
            return np.stack([[np.asarray(self.map_coordinates(channel, list(at[:, n]), **options))
                              for channel in input[n]] for n in range(len(input))])

    def gradients(self, grad_output, input, grid, mode="bilinear", padding_mode="zeros", align_corners=False,
                  output_mask=None):
        import jax
        options = self.options(input, grid, mode, padding_mode, align_corners)
        input, grid, grad_output = dense(input, grid, grad_output)

        def sample(input, at):
            return jax.numpy.stack([jax.numpy.stack([self.map_coordinates(channel, list(at[:, n]), **options)
                                                     for channel in input[n]]) for n in range(len(input))])
        with refusals():
            _, pull = jax.vjp(sample, input, pixels(grid, input.shape[2:], align_corners))
            of_input, of_positions = map(np.asarray, pull(grad_output))
        units = [input.dtype.type(size - align_corners) / 2 for size in input.shape[2:]]
        of_grid = np.stack([slope * unit for slope, unit in zip(of_positions, units)][::-1], axis=-1)
        return of_input, np.where(np.isnan(grid), grid.dtype.type(0), of_grid)  # NaN is taken for -1, which stands still
