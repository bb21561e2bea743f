"""map_coordinates of SciPy and of JAX: positions in pixels, which this adapter computes as the
documentation says, and borders by name. Only what both sides define alike is asked."""
import numpy as np
from adapter import Unsupported
from limits import no_empty
from numpy_grid_sample import unnormalized

ORDERS = {"nearest": 0, "bilinear": 1}


def border_name(library, padding_mode, align_corners):
    # JAX's constant blends with the constant at the rim, as SciPy's grid-constant does.
    names = {"zeros": "grid-constant" if library == "scipy" else "constant", "border": "nearest",
             "reflection": "mirror" if align_corners else "reflect"}
    if padding_mode not in names:
        raise Unsupported("only questions that have an answer")
    return names[padding_mode]


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

    def grid_sample(self, input, grid, mode="bilinear", padding_mode="zeros", align_corners=False):
        rank = input.ndim
        if rank not in (4, 5) or grid.ndim != rank or grid.shape[-1] != rank - 2 or mode not in ORDERS:
            raise Unsupported("only questions that have an answer")
        if input.dtype != grid.dtype or input.dtype.kind != "f" or input.shape[0] != grid.shape[0]:
            raise Unsupported("only questions that have an answer")
        no_empty(input, grid)
        border = border_name(self.library, padding_mode, align_corners)
        with np.errstate(all="ignore"):
            at = np.stack([unnormalized(x, size, align_corners)
                           for x, size in zip(np.moveaxis(grid, -1, 0)[::-1], input.shape[2:])])
        if not (np.abs(at) < 2 ** 20).all():
            raise Unsupported("positions that are numbers below 2^20")
        output = np.empty((*input.shape[:2], *grid.shape[1:-1]), input.dtype)
        for n, c in np.ndindex(*input.shape[:2]):
            output[n, c] = self.map_coordinates(np.ascontiguousarray(input[n, c]), at[:, n], order=ORDERS[mode],
                                                mode=border)
        return output
