#!/usr/bin/env python3
"""Inputs and surroundings that mean harm, put to the built program one after the other.

    hostile_test.py GRIDPROOF

Whatever it is, the program ends by itself, soon, with little memory, with exit status 0, 1 or 2; and
where it is 2, with one sentence of printable text on the standard error.
"""
import gzip
import json
import os
import pathlib
import pwd
import resource
import signal
import struct
import subprocess
import sys
import tempfile
import threading
import unicodedata
import unittest
import zipfile
import zlib

PROGRAM = ""
MEGABYTE = 1 << 20
MOST_MEMORY = 1200 * MEGABYTE
MOST_SECONDS = 60
BAD_INPUT = 2
CASE = "grid_sample mode=nearest input=f32[1,1,1,4]{1,2,4,8} grid=f32[1,1,1,2]{nan,0}"


class Outcome:
    def __init__(self, code, out, err, memory):
        self.code, self.out, self.err, self.memory = code, out, err, memory


def ask(arguments, folder, prepare=None, environment=None, stdin=subprocess.DEVNULL):
    """Runs the program in the folder; its exit status is negative for a signal, and for running on."""
    process = subprocess.Popen([PROGRAM, *arguments], cwd=folder, preexec_fn=prepare, stdin=stdin,
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE, env={**os.environ, **(environment or {})})
    alarm = threading.Timer(MOST_SECONDS, process.kill)
    alarm.start()
    out, err = [], []
    readers = [threading.Thread(target=lambda to, stream: to.append(stream.read()), args=pair)
               for pair in ((out, process.stdout), (err, process.stderr))]
    for reader in readers:
        reader.start()
    for reader in readers:
        reader.join()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    alarm.cancel()
    process.stdout.close()
    process.stderr.close()
    return Outcome(process.returncode, out[0], err[0].decode(errors="replace"), usage.ru_maxrss * 1024)


def limit(what, amount):
    return lambda: resource.setrlimit(what, (amount, amount))


def png(width, height, depth=8, color=0):
    """A whole picture in which everything is zero."""
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    row = b"\0" * (1 + (width * depth * {0: 1, 2: 3, 6: 4}[color] + 7) // 8)
    packer = zlib.compressobj(9)
    data = b"".join(packer.compress(row) for _ in range(height)) + packer.flush()
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, color, 0, 0, 0)) +
            chunk(b"IDAT", data) + chunk(b"IEND", b""))


def npy(descr, shape, data=b""):
    header = repr({"descr": descr, "fortran_order": False, "shape": shape}).encode()
    header += b" " * (63 - (10 + len(header)) % 64) + b"\n"
    return b"\x93NUMPY\1\0" + struct.pack("<H", len(header)) + header + data


def nii(dim, datatype=16, offset=352.0, slope=1.0, forms=0, filler=0.0):
    """A header of NIfTI-1 without its data."""
    header = struct.pack("<i36x8h14xhhh", 348, *(list(dim) + [1] * 8)[:8], datatype, 32, 0)
    header += struct.pack("<8f3f", *[1.0] + [filler or 1.0] * 7, offset, slope, 0.0)
    header += struct.pack("<hbb128xhh18f16x4s4x", 0, 0, 2, forms, forms, *[filler] * 18, b"n+1\0")
    assert len(header) == 352
    return header


def jpeg(width, height):
    """A frame of those sizes and of nothing."""
    return (b"\xff\xd8\xff\xdb\0\x43\0" + b"\1" * 64 + b"\xff\xc0\0\x0b\x08" + struct.pack(">HH", height, width) +
            b"\1\1\x11\0\xff\xc4\0\x14\0\1" + b"\0" * 16 + b"\xff\xc4\0\x14\x10\1" + b"\0" * 16 +
            b"\xff\xda\0\x08\1\1\0\0\x3f\0\xff\xd9")


def archive(path, members):
    """Members are made of a head and of so many zeros."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        for name, (head, zeros) in members.items():
            with file.open(name, "w", force_zip64=True) as member:
                member.write(head)
                for _ in range(0, zeros, MEGABYTE):
                    member.write(b"\0" * min(MEGABYTE, zeros))


def pt(path, shape, strides, elements):
    """A tensor as torch.save writes it."""
    def number(value):
        return b"J" + struct.pack("<i", value)

    def text(value):
        return b"X" + struct.pack("<I", len(value)) + value

    def numbers(values):
        return b"(" + b"".join(map(number, values)) + b"t"

    storage = (b"(" + text(b"storage") + b"ctorch\nFloatStorage\n" + text(b"0") + text(b"cpu") + number(elements) +
               b"tQ")
    pickle = (b"\x80\x02ctorch._utils\n_rebuild_tensor_v2\n(" + storage + number(0) + numbers(shape) + numbers(strides) +
              b"\x89ccollections\nOrderedDict\n)RtR.")
    archive(path, {"a/data.pkl": (pickle, 0), "a/data/0": (b"\0" * 4 * elements, 0), "a/byteorder": (b"little", 0)})


class Hostile(unittest.TestCase):
    def setUp(self):
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.folder = pathlib.Path(temporary.name)
        self.folder.chmod(0o777)

    def hold(self, arguments, codes=(0, 1, BAD_INPUT), **options):
        """What the program must do with anything."""
        outcome = ask(arguments, self.folder, **options)
        what = f"{' '.join(map(str, arguments))[:300]}: {outcome.code}, {outcome.memory >> 20} MB, {outcome.err[:500]}"
        self.assertIn(outcome.code, codes, what)
        self.assertNotIn("internal error", outcome.err, what)
        self.assertLess(outcome.memory, MOST_MEMORY, what)
        if outcome.code == BAD_INPUT:
            self.assertEqual(outcome.err.count("\n"), 1, what)
            self.assertTrue(outcome.err.startswith("gridproof: "), what)
            self.assertFalse([c for c in outcome.err[:-1] if unicodedata.category(c) in ("Cc", "Cs", "Zl", "Zp")], what)
        return outcome

    def refuse(self, arguments, **options):
        return self.hold(arguments, codes=(BAD_INPUT,), **options)

    def file(self, name, data):
        path = self.folder / name
        path.write_bytes(data if isinstance(data, bytes) else data.encode())
        return str(path)

    def test_lines_of_cases(self):
        one = "grid=f32[1,1,1,2]{0,0}"
        for line in [
            f"grid_sample input=f64[1,1,16384,16384]{{0*268435456}} {one}",
            f"grid_sample input=f64[1,1,8192,8193]{{0*67117056}} {one}",
            f"grid_sample input=f32[1,1,1,1]strides[0,0,0,0]{{0*268435456}} {one}",
            f"grid_sample input=f32[268435456]{{0..268435455}} {one}",
            "grid_sample input=f32[1,1,1,1]{0} grid=f32[1,30000,30000,2]strides[0,0,0,0]{0}",
            "grid_sample input=f32[1,1099511627776,1,1]strides[0,0,0,0]{0} grid=f32[1,1,1,2]{0,0}",
            "grid_sample input=f32[1048576,1048576,1,1]strides[0,0,0,0]{0} grid=f32[1048576,1,1,2]strides[0,0,0,0]{0}",
            f"grid_sample input=f32[9223372036854775807,9223372036854775807]{{}} {one}",
            f"grid_sample input=f32[0,9223372036854775807,9223372036854775807,1]{{}} {one}",
            f"grid_sample input=f32[-1,1,1,1]{{}} {one}",
            f"grid_sample input=f32[1,1,1,1]strides[9223372036854775807,1,1,1]offset[9223372036854775807]{{0}} {one}",
            f"grid_sample input=f32[1,1,1,1]{{0*9223372036854775807}} {one}",
            f"grid_sample input=f32[1,1,1,1]{{0*-1}} {one}",
            f"grid_sample input=f32[1,1,1,1]{{1e400}} {one}",
            "grid_sample " * 1000, "grid_sample input=" + "[" * 10000, "grid_sample \x00", "\xff\xfe",
        ]:
            line = line.replace("\x00", "\x01")
            for command in (["replay", line, "--subject", "reference"], ["explain", line], ["diagnose", line]):
                self.refuse(command)
        for line in (f"grid_sample mode={'x' * 100000}\x1b[2J input=f32[1,1,1,1]{{0}} {one}",
                     f"grid_sample mode=%1B%5B2J%0A input=f32[1,1,1,1]{{0}} {one}", f"grid_sample mode=a%zz {CASE[25:]}"):
            self.assertNotIn(b"\x1b", self.hold(["replay", line, "--subject", "reference"]).out)

    def test_a_plane_of_stride_zero_costs_its_storage(self):
        plane = ("grid_sample input=f32[1,1,32769,65536]strides[0,0,0,1]offset[0]{0..65535} "
                 "grid=f32[1,1,1,2]{0.5,0.5}")
        outcome = self.hold(["replay", plane, "--subject", "reference"], codes=(0,))
        self.assertLess(outcome.memory, 400 * MEGABYTE)

    def test_the_option_raises_the_limit(self):
        line = f"grid_sample input=f32[1,1,1,101]{{0*101}} grid=f32[1,1,1,2]{{0,0}}"
        arguments = ["replay", line, "--subject", "reference", "--max-elements"]
        self.hold([*arguments, "101"], codes=(0,))
        self.assertIn("more than 100 elements (--max-elements raises that)", self.refuse([*arguments, "100"]).err)
        self.refuse([*arguments, "-1"])
        self.refuse([*arguments, "1e300"])

    def test_files_of_tensors(self):
        files = {
            "wide.png": png(30000, 30000, 1), "color.png": png(9000, 9000, 8, 6), "rows.png": png(1, 1000001, 1),
            "huge.npy": npy("<f8", (1 << 39,)), "deep.npy": npy("<f4", (1,) * 50, b"\0" * 4),
            "record.npy": npy([("a", "<f4")], (1,), b"\0" * 4), "short.npy": npy("<f4", (1000,)),
            "x.pgm": b"P5 30000 30000 255\n", "y.pbm": b"P4 65536 65536\n", "z.ppm": b"P3 1000000000 1000000000 255\n",
            "a.flo": b"PIEH" + struct.pack("<ii", 2147483647, 2147483647), "b.flo": b"PIEH" + struct.pack("<ii", -1, -1),
            "h.safetensors": struct.pack("<Q", 1 << 62) + b"{}",
            "n.safetensors": struct.pack("<Q", 100001) + b"{" + b"[" * 100000,
            "dims.nii": nii((7,) + (32767,) * 7), "axes.nii": nii((-3, 1, 1, 1)), "short.nii": nii((3, 4000, 4000, 4)),
            "nan.nii": nii((3, 1, 1, 1), filler=float("nan")) + b"\0" * 4, "form.nii": nii((3, 1, 1, 1), forms=7, filler=1e38),
            "place.nii": nii((3, 1, 1, 1), offset=1e30), "bits.nii": nii((3, 8, 1, 1), datatype=1) + b"\0" * 32,
            "bomb.nii.gz": gzip.compress(nii((3, 1, 1, 1)) + b"\0" * 64 * MEGABYTE),
            "said.nii.gz": gzip.compress(nii((3, 4000, 4000, 4))), "cut.nii.gz": gzip.compress(nii((3, 9, 9, 9)))[:40],
            "text.gz": gzip.compress(b"text"), "pair.hdr": nii((3, 1, 1, 1))[:344] + b"ni1\0",
            "a.jpg": jpeg(65500, 65500), "b.jpg": jpeg(1, 0), "c.jpg": jpeg(8000, 8000), "d.jpg": b"\xff\xd8\xff",
            "p.pt": b"\x80\x02cos\nsystem\n(X\x02\0\0\0idtR.", "empty": b"", "zeros": b"\0" * 100,
        }
        for name, data in files.items():
            self.refuse(["diagnose", "--input", self.file(name, data), "--grid", "[[[[0,0]]]]", "--intent", "identity"])
        archive(self.folder / "bomb.npz", {"a.npy": (npy("<f8", (1, 1, 30000, 30000)), 7_200_000_000 // 8)})
        archive(self.folder / "many.npz", {f"{i}.npy": (npy("|u1", (1 << 24,)), 1 << 24) for i in range(6)})
        archive(self.folder / "bytes.npz", {"a.npy": (npy("|u1", (1, 1, 20000, 20000)), 400 * MEGABYTE)})
        archive(self.folder / "x.pt", {"a/data.pkl": (b"\x80\x02.", 0)})
        pt(self.folder / "stride.pt", [1, 1, 30000, 30000], [0, 0, 0, 0], 1)
        pt(self.folder / "far.pt", [1, 1, 2, 2], [0, 0, 1000, 1], 4)
        for name in ("bomb.npz", "many.npz", "bytes.npz", "x.pt", "stride.pt", "far.pt", ".", "nowhere", "/dev/zero"):
            self.refuse(["diagnose", "--input", name, "--grid", "[[[[0,0]]]]", "--intent", "identity"])
        header = json.dumps({str(i): {"dtype": "U8", "shape": [], "data_offsets": [i, i + 1]} for i in range(40000)}).encode()
        name = self.file("keys.safetensors", struct.pack("<Q", len(header)) + header + b"x" * 40000)
        self.refuse(["diagnose", "--input", name, "--grid", "[[[[0,0]]]]", "--intent", "identity"])

    def test_arguments(self):
        for text in ("[" * 100000, "[1,", "[[1],[2,3]]", "[1e400]", '["a"]', "{}", "f32[1,1]{", "raw:f32[99999999999,1]:x",
                     "raw:f32[-1]:x", "raw:f32[1,1,1,1]:/dev/zero", "\x1b[2J", "::error::x", "x" * 100000):
            self.refuse(["diagnose", "--input", text, "--grid", "[[[[0,0]]]]", "--intent", "identity"])
        for arguments in (["check", "--max-samples", "1e300"], ["check", "--max-samples", "-1"], ["check", "--threads", "0"],
                          ["check", "--budget", "1e300h"], ["check", "--shard", "2147483648/2147483648"], ["\x1b[2J"],
                          ["check", "--subject", "a=process:x", "--subject", "a=process:y"],
                          ["check", "--subject", "reference=process:x"], ["check", "--subject", "\x1b[2J"], ["::x"],
                          ["explain", CASE, "--sample", "99999999999"], ["explain", CASE, "--at", "9,9,9"],
                          ["spec", "\x1b[2J"], ["mutation-score", "\x1b[2J"], ["replay", "nowhere:99999999999999999999"]):
            self.refuse(arguments)

    def report(self):
        self.hold(["check", "--subject", "mutant:nan.zero", "--max-samples", "20000", "--threads", "1", "--out", "made"])
        return json.loads((self.folder / "made/report.json").read_text())

    def test_reports(self):
        whole = self.report()
        self.assertTrue(whole["findings"])
        self.hold(["merge", self.file("ok.json", json.dumps(whole)), "--out", "ok"], codes=(0, 1))
        incident = ("findings", 0, "incidents", 0)
        values = [-1000000, -1, 1 << 63, 1e300, 0.5, "x", None, [], {}, "\x1b[2J\n::error::x", "\ud800"]
        changes = [((*incident, key), value) for key in ("sample", "channel", "samples", "case", "answer", "original", "ordinal")
                   for value in values]
        changes += [(("findings", 0, key), value) for key in ("subject", "verdict", "clause", "cause", "samples", "waiver")
                    for value in values]
        changes += [((key,), value) for key in ("format", "subjects", "campaign", "totals", "summary", "strata", "findings",
                                                "remarks", "waivers", "gridproof", "ended") for value in values]
        changes += [(("campaign", "shard"), {"index": 1, "count": 2147483647}),
                    (("campaign", "shard"), {"index": 0, "count": 0}), (("campaign", "budget_seconds"), 1e300)]
        self.assertGreater(len(changes), 200)
        for path, value in changes:
            document = json.loads(json.dumps(whole))
            place = document
            for key in path[:-1]:
                place = place[key]
            place[path[-1]] = value
            self.hold(["merge", self.file("bad.json", json.dumps(document)), "--out", "out"])

    def test_readers_of_text(self):
        os.mkfifo(self.folder / "fifo")
        with open(self.folder / "large", "wb") as file:
            file.truncate(1 << 40)
        places = ["/dev/zero", "fifo", ".", "large", "nowhere", "/proc/self/mem",
                  self.file("deep", "[" * 20_000_000), self.file("keys", '{"a":1,"a":2}'), self.file("bytes", b"\xff" * 1000),
                  self.file("dots", "a." * 200_000 + "b=1"), self.file("tables", "[" + "a." * 200_000 + "b]\n"),
                  self.file("lists", "a=" + "[" * 200_000), self.file("inline", "a=" + "{a=" * 200_000),
                  self.file("escapes", "[[waiver]]\nname='\x1b[2J'\nmode=1\n")]
        for place in places:
            self.refuse(["merge", place, "--out", "out"])
            self.refuse(["check", "--subject", "reference", "--max-samples", "10", "--baseline", place, "--out", "out"])
            self.refuse(["check", "--subject", "reference", "--max-samples", "10", "--waivers", place, "--out", "out"])
            self.refuse(["replay", place, "--subject", "reference"])

    def test_surroundings(self):
        check = ["check", "--subject", "reference", "--max-samples", "2000", "--out", "out"]
        for epoch in ("-1", "99999999999999999999", "253402300800", "x", "1e9", "9223372036854775807"):
            self.refuse(check, environment={"SOURCE_DATE_EPOCH": epoch})
        self.hold(check, codes=(0,), environment={"SOURCE_DATE_EPOCH": "253370764799"})
        for shards in ({"TEST_TOTAL_SHARDS": "0", "TEST_SHARD_INDEX": "0"}, {"TEST_TOTAL_SHARDS": "x"}):
            self.refuse(check, environment=shards)
        # Files that may not grow: nothing of a report, or half of it, or the checkpoint.
        for size in (0, 1, 100, 4096):
            self.refuse(["check", "--subject", "mutant:nan.zero", "--max-samples", "20000", "--out", f"f{size}"],
                        prepare=limit(resource.RLIMIT_FSIZE, size))
        self.refuse(check, prepare=limit(resource.RLIMIT_NOFILE, 4))
        for megabytes in (60, 100, 200, 400):
            self.hold(check, prepare=limit(resource.RLIMIT_AS, megabytes * MEGABYTE))
        self.hold(["merge", "/dev/full"], codes=(BAD_INPUT,))

    def test_no_more_processes(self):
        if os.getuid() != 0:
            self.skipTest("needs root, to become somebody whose processes are counted")
        nobody = pwd.getpwnam("nobody").pw_uid

        def prepare():
            resource.setrlimit(resource.RLIMIT_NPROC, (1, 1))
            os.setuid(nobody)

        if ask(["--version"], "/", prepare).code != 0:
            self.skipTest("nobody else may run the program here")
        self.hold(["check", "--subject", "reference", "--max-samples", "2000", "--threads", "4", "--out", "out"], codes=(0,),
                  prepare=prepare)
        self.refuse(["check", "--subject", "process:true", "--max-samples", "10", "--out", "out"], prepare=prepare)

    def test_signals_are_not_needed(self):
        for closed in (1, 2):
            def prepare(descriptor=closed):
                os.close(descriptor)
                signal.signal(signal.SIGPIPE, signal.SIG_DFL)

            outcome = ask(["replay", CASE, "--subject", "reference"], self.folder, prepare)
            self.assertIn(outcome.code, (0, 1, BAD_INPUT))


if __name__ == "__main__":
    PROGRAM = str(pathlib.Path(sys.argv.pop(1)).resolve())
    unittest.main()
