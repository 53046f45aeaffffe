"""The modules that are there before a program begins, and programs with modules named as those of the library."""
import subprocess
import sys
import tempfile
from pathlib import Path

print(subprocess.run([sys.executable, "-I", "-S", "-c", "import sys; print(sorted(sys.modules))"], capture_output=True, text=True).stdout)
with tempfile.TemporaryDirectory() as folder:
    for name in ("codecs", "encodings", "io", "abc", "zipimport"):
        (Path(folder) / f"{name}.py").write_text(f"print('the {name} of the program')")
    (Path(folder) / "main.py").write_text("import codecs, io, abc\nprint(open(__file__).readline(), '\\u00e9'.encode('latin-1'))\nimport encodings, zipimport")
    print(subprocess.run([sys.executable, "-S", str(Path(folder) / "main.py")], capture_output=True, text=True).stdout)
