"""Links to the pages of the specification (`gridproof spec --html DIR`)."""
import base64
import os
import pathlib
import zlib


def question_link(line: str) -> str:
    """The page that answers a case line, where GRIDPROOF_SITE says where the pages are, an address or a folder; else
    nothing. `gridproof replay` prints the same."""
    site = os.environ.get("GRIDPROOF_SITE", "")
    if not site:
        return ""
    if "://" not in site:
        site = f"file://{pathlib.Path(os.path.abspath(site))}"
    deflate = zlib.compressobj(9, zlib.DEFLATED, -15, 9)
    packed = base64.urlsafe_b64encode(deflate.compress(line.encode()) + deflate.flush()).decode().rstrip("=")
    return f"{site.rstrip('/')}/question.html#q={packed}"
