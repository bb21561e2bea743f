#!/usr/bin/env python3
"""Makes the files in tensor_file/, and expected.txt: the tensors of each as their makers know them.

    make.py MAKER…    with a Python that has what the maker needs: numpy, torch, safetensors, pillow,
                      opencv, nibabel; hand needs nothing. As the files here were made (NumPy 1.24.2, torch 2.15.0,
                      safetensors 0.8.0, Pillow 13.0.0, nibabel 5.4.2; peers are those of `gridproof peers install`):
                      /usr/bin/python3 make.py hand numpy
                      ~/.cache/gridproof/peers/torch/bin/python make.py torch
                      …/mindspore/bin/python make.py safetensors, …/jittor/bin/python make.py pillow,
                      …/opencv/bin/python make.py opencv
                      a virtual environment with nibabel: make.py nibabel
                      /usr/bin/python3 make.py pickles, which unpacks those of the .pt into pickle/

Other files are refused, as refused.txt says. Those called found-* made a fuzzer stop, here and in pickle/.
"""
import collections
import pathlib
import struct
import sys
import zipfile
import zlib

folder = pathlib.Path(__file__).resolve().parent
expected = {}


def note(file, *tensors):
    """The tensors of a file: name, dtype, shape and values."""
    expected[file] = [f"{file}|{name}|{dtype}|{','.join(map(str, shape))}|{' '.join('%g' % v for v in values)}"
                      for name, dtype, shape, values in tensors]
    return folder / "tensor_file" / file


def arrays(file, **named):
    """The same for arrays of NumPy."""
    kinds = {"float16": "f16", "float32": "f32", "float64": "f64", "uint32": "f64", "int32": "f64", "uint64": "f64",
             "int64": "f64"}
    return note(file, *((name, kinds.get(str(a.dtype), "f32"), a.shape, a.flatten()) for name, a in named.items()))


def write(file, text, *tensors):
    note(file, *tensors).write_bytes(text)


def hand():
    flow = struct.pack("<4sii6f", b"PIEH", 3, 1, 1.5, -2, 0, 0.25, 3e9, 1)
    write("flow.flo", flow, ("", "f32", (1, 1, 3, 2), (1.5, -2, 0, 0.25, float("nan"), float("nan"))))
    write("bits.pbm", b"P1\n# a comment\n3 2\n0 1 0\n110\n", ("", "f32", (1, 1, 2, 3), (1, 0, 1, 0, 0, 1)))
    write("bits-raw.pbm", b"P4 9 1\n\x80\x80", ("", "f32", (1, 1, 1, 9), (0, 1, 1, 1, 1, 1, 1, 1, 0)))
    write("gray.pgm", b"P2 2 1 9\n7 9\n", ("", "f32", (1, 1, 1, 2), (7, 9)))
    write("colors.ppm", b"P3 1 2 65535 1 2 3 4 5 65535\n", ("", "f32", (1, 3, 2, 1), (1, 4, 2, 5, 3, 65535)))
    write("interlaced.png", png(3, 3, 8, 0, 1, interlaced(range(9), 3)), ("", "f32", (1, 1, 3, 3), range(9)))
    write("huge.png", png(2**31 - 1, 2**31 - 1, 8, 0, 0, b"\0\0"))
    write("bomb.png", png(8000, 8000, 8, 0, 0, b"\0" * 70000))
    header = b'{"a":{"dtype":"BF16","shape":[2],"data_offsets":[0,4]},"b":{"dtype":"I64","shape":[],"data_offsets":[4,12]}}'
    write("hand.safetensors", struct.pack("<Q", len(header)) + header + struct.pack("<HHq", 0x3f80, 0xc000, -7),
          ("a", "bf16", (2,), (1, -2)), ("b", "f64", (), (-7,)))
    write("system.pkl", b"\x80\x02cposix\nsystem\nX\x04\x00\x00\x00evil\x85R.")


def png(width, height, depth, color, interlace, rows):
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    header = struct.pack(">IIBBBBB", width, height, depth, color, 0, 0, interlace)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows, 9)) + chunk(b"IEND", b"")


def interlaced(values, width):
    """The rows of the seven passes of a square gray picture, each after its filter, none."""
    passes = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))
    rows = b""
    for left, top, right, down in passes:
        for y in range(top, width, down):
            row = bytes(values[y * width + x] for x in range(left, width, right))
            rows += b"\0" + row if row else b""
    return rows


def numpy():
    import numpy as np
    for kind in "f2 f4 f8 b1 u1 i1 u2 i2 u4 i4 u8 i8".split():
        a = (np.arange(6) % 2 if kind == "b1" else np.arange(6)).astype(kind).reshape(2, 3)
        np.save(arrays(f"{kind}.npy", **{"": a}), a)
    a = np.arange(6, dtype="f4").reshape(1, 2, 3)
    np.save(arrays("fortran.npy", **{"": a}), np.asfortranarray(a))
    np.save(arrays("scalar.npy", **{"": np.float32(1.5)}), np.float32(1.5))
    np.save(arrays("empty.npy", **{"": a[:0]}), a[:0])
    for version in (2, 3):
        with open(arrays(f"version{version}.npy", **{"": a}), "wb") as file:
            np.lib.format.write_array(file, a, (version, 0))
    np.save(note("big-endian.npy"), a.astype(">f4"))
    np.save(note("records.npy"), np.zeros(2, [("x", "<f4"), ("y", "<f4")]))
    np.save(note("objects.npy"), np.array([None, {}]))
    np.savez(arrays("stored.npz", input=a, grid=a.astype("f8")), input=a, grid=a.astype("f8"))
    np.savez_compressed(arrays("deflated.npz", input=a, arr=a * 2), input=a, arr=a * 2)
    np.savez(note("objects.npz"), a=np.array([None]))


def torch():
    import torch
    kinds = {torch.float16: "f16", torch.bfloat16: "bf16", torch.float32: "f32", torch.float64: "f64", torch.bool: "f32",
             torch.uint8: "f32", torch.int8: "f32", torch.int16: "f32", torch.uint16: "f32"}

    def save(file, value, named, **options):
        torch.save(value, note(file, *((name, kinds.get(t.dtype, "f64"), t.shape, t.double().flatten().tolist())
                                       for name, t in named.items())), **options)

    a = torch.arange(6.).reshape(1, 2, 3)
    save("tensor.pt", a, {"": a})
    several = {str(dtype)[6:]: torch.arange(3).to(dtype) for dtype in (
        torch.float16, torch.bfloat16, torch.float64, torch.bool, torch.uint8, torch.int8, torch.int16, torch.int32,
        torch.int64, torch.uint16, torch.uint32, torch.uint64)}
    save("dtypes.pt", several, several)
    views = [a.permute(2, 0, 1), a[:, 1:], torch.ones(1).expand(2, 2), torch.empty(0, 2), torch.tensor(1.5)]
    save("views.pt", views, {str(i): view for i, view in enumerate(views)})
    nested = {"state": {"grid": a, 3: (a, None, 2.5, "text", 10**30, b"bytes", a.shape)}, "flag": True}
    for protocol in (2, 3, 4, 5):
        save(f"nested{protocol}.pt", nested, {"state.grid": a, "state.3.0": a}, pickle_protocol=protocol)
    module = torch.nn.Linear(2, 1)
    torch.nn.init.constant_(module.weight, 0.5), torch.nn.init.constant_(module.bias, -1)
    save("module.pth", module.state_dict(), dict(module.state_dict()))
    save("ordered.pt", collections.OrderedDict(p=torch.nn.Parameter(a)), {"p": a})
    save("legacy.pt", a, {}, _use_new_zipfile_serialization=False)
    save("whole-module.pt", module, {})
    save("complex.pt", a * 1j, {})
    save("float8.pt", a.to(torch.float8_e4m3fn), {})
    save("negated.pt", torch.imag((a * 1j).conj()), {})
    torch.jit.save(torch.jit.script(module), note("script.pt"))


def safetensors():
    import numpy as np
    from safetensors.numpy import save_file
    named = {"input": np.arange(6, dtype="f4").reshape(1, 2, 3), "mask": np.array([True, False]),
             "index": np.array([-1, 2**40])}
    order = ("index", "input", "mask")  # larger elements first, as the library writes them
    save_file(named, arrays("library.safetensors", **{name: named[name] for name in order}), {"made": "by numpy"})


def pillow():
    from PIL import Image

    def save(file, mode, values, white=255):
        """A picture of one row, of the given samples of each pixel."""
        picture = Image.new(mode, (len(values), 1))
        picture.putdata([v if len(v) > 1 else v[0] for v in values])
        picture.save(note(file, ("", "f32", (1, len(values[0]), 1, len(values)), sum(zip(*values), ()))))

    save("gray.png", "L", [(7,), (255,)])
    save("gray-alpha.png", "LA", [(1, 2), (3, 4)])
    save("rgb.png", "RGB", [(1, 2, 3), (4, 5, 6)])
    save("rgba.png", "RGBA", [(1, 2, 3, 4), (5, 6, 7, 8)])
    save("gray16.png", "I;16", [(7,), (65535,)])
    save("bits.png", "1", [(0,), (255,)])
    save("rgb.ppm", "RGB", [(1, 2, 3), (4, 5, 6)])
    save("gray16.pgm", "I;16", [(7,), (65535,)])
    palette = Image.new("P", (2, 1))
    palette.putpalette([1, 2, 3, 4, 5, 6])
    palette.putdata([1, 0])
    palette.save(note("palette.png", ("", "f32", (1, 3, 1, 2), (4, 1, 5, 2, 6, 3))))
    for file, mode, options in (("gray.jpg", "L", {}), ("colors.jpg", "RGB", {"quality": 70}),
                                ("progressive.jpg", "RGB", {"progressive": True}),
                                ("turned.jpg", "RGB", {"exif": b"Exif\0\0II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\0\0\0\0"})):
        picture = Image.new(mode, (5, 3))
        picture.putdata([(17 * i % 256) if mode == "L" else (17 * i % 256, 255 - 9 * i, 40 * (i % 5)) for i in range(15)])
        picture.save(folder / "tensor_file" / file, **options)
        read = Image.open(folder / "tensor_file" / file)
        note(file, ("", "f32", (1, len(mode), 3, 5), sum((list(band.getdata()) for band in read.split()), [])))
    Image.new("CMYK", (2, 1)).save(note("printing.jpg"))
    palette.save(note("palette-alpha.png", ("", "f32", (1, 4, 1, 2), (4, 1, 5, 2, 6, 3, 255, 9))),
                 transparency=b"\x09")


def opencv():
    import cv2
    import numpy as np
    kitti = np.array([[[1, 2, 32769], [0, 0, 0]]], "u2")  # OpenCV has blue first
    cv2.imwrite(str(note("kitti.png", ("", "f32", (1, 3, 1, 2), (32769, 0, 2, 0, 1, 0)))), kitti)
    cv2.imwrite(str(note("colors.pfm", ("", "f32", (1, 3, 2, 1), (3, 6, 2, 5, 1, 4)))),
                np.array([[[1, 2, 3]], [[4, 5, 6]]], "f4"))
    cv2.imwrite(str(note("gray.pfm", ("", "f32", (1, 1, 2, 1), (1.5, -2)))), np.array([[1.5], [-2]], "f4"))


def nibabel():
    import nibabel as nib
    import numpy as np
    affine = np.array([[-2.0, 0, 0, 10], [0, 0, 3, 20], [0, 4, 0, 30], [0, 0, 0, 1]])

    def save(file, array, c_order, kind, form=nib.Nifti1Image, **header):
        """An array as nibabel has it, (X, Y, Z, …), which is the one of the reader with its axes in c_order."""
        image = form(array, affine)
        for key, value in header.items():
            image.header[key] = value
        nib.save(image, note(file, ("", kind, c_order.shape, c_order.flatten())))

    a = np.arange(24).reshape(2, 3, 4)
    for code, kind in dict(u1="f32", i2="f32", u2="f32", i4="f64", f4="f32", f8="f64", i8="f64").items():
        if code != "i8":
            save(f"{code}.nii", a.astype(code), a.T[None, None], kind)
        else:
            image = nib.Nifti1Image(a, affine, dtype="int64")
            nib.save(image, note(f"{code}.nii", ("", kind, (1, 1, 4, 3, 2), a.T.flatten())))
    save("gzip.nii.gz", a.astype("i2"), a.T[None, None], "f32")
    save("second.nii", a.astype("f4"), a.T[None, None], "f32", nib.Nifti2Image)
    save("plane.nii", a[0].astype("f4"), a[0].T[None, None], "f32")
    save("times.nii", a.reshape(2, 3, 2, 2).astype("f4"), a.reshape(2, 3, 2, 2).T[None], "f32")
    vectors = np.arange(18).reshape(3, 2, 1, 1, 3)
    save("vectors.nii", vectors.astype("f4"), vectors[..., 0, :].transpose(2, 1, 0, 3), "f32", intent_code=1007)
    scaled = nib.Nifti1Image(a.astype("i2"), affine)
    scaled.header.set_slope_inter(0.5, 1)
    nib.save(scaled, note("scaled.nii", ("", "f32", (1, 1, 4, 3, 2), (a.T / 2 + 1).flatten())))
    big = nib.Nifti1Header(endianness=">")
    big.set_data_dtype("i2")
    nib.save(nib.Nifti1Image(a.astype(">i2"), affine, big), note("big.nii", ("", "f32", (1, 1, 4, 3, 2), a.T.flatten())))
    nib.save(nib.Nifti1Image((a * 1j).astype("c8"), affine), note("complex.nii"))


def pickles():
    for path in (folder / "tensor_file").glob("*.pt"):
        if zipfile.is_zipfile(path):
            archive = zipfile.ZipFile(path)
            pickle = next(name for name in archive.namelist() if name.endswith("/data.pkl"))
            (folder / "pickle" / f"{path.stem}.pkl").write_bytes(archive.read(pickle))


if __name__ == "__main__":
    for maker in sys.argv[1:]:
        globals()[maker]()
    path = folder / "expected.txt"
    kept = [line for line in (path.read_text().splitlines() if path.exists() else ())
            if line.split("|")[0] not in expected]
    path.write_text("\n".join(sorted(kept + sum(expected.values(), []))) + "\n")
