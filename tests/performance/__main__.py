"""`./run bench [NAME [ARGUMENTS]]`: runs one of the benchmarks of this folder, or says which there are."""

from __future__ import annotations

import ast
import runpy
import sys
from pathlib import Path

HERE = Path(__file__).parent


def main() -> None:
    scripts = {path.stem: path for path in sorted(HERE.glob("[a-z]*.py"))}
    name = sys.argv[1] if len(sys.argv) > 1 else ""
    if name in scripts:
        sys.argv = sys.argv[1:]
        runpy.run_path(str(scripts[name]), run_name="__main__")
        return
    for stem, path in scripts.items():
        first = (ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or "").partition("\n")[0]
        print(f"{stem:24}{first}")
    sys.exit(f"bench: there is no {name!r}" if name else 0)


main()
