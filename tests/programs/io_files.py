"""Files: modes, seeking, iteration, context managers."""
import os, tempfile
with tempfile.TemporaryDirectory() as folder:
    path = os.path.join(folder, "f")
    with open(path, "w", encoding="utf-8") as f: print(f.write("one\ntwo\nthrée\n"), f.tell(), f.mode, f.closed)
    with open(path, encoding="utf-8") as f: print([l.strip() for l in f], f.read()); f.seek(0); print(f.readline(), f.readlines(4))
    with open(path, "r+b") as f: f.seek(4); f.write(b"TWO"); f.seek(0, 2); print(f.tell()); f.truncate(8)
    print(open(path, "rb").read(), os.path.getsize(path), os.listdir(folder))
    with open(path, "a") as f: f.write("+")
    with open(path, "rb", buffering=0) as f: print(type(f).__name__, f.read(), f.readall())
    try: open(path, "x")
    except FileExistsError as e: print(e.errno)
    try:
        with open(path) as f: f.write("x")
    except OSError as e: print(type(e).__name__, e)
    print(os.path.exists(path), os.remove(path), os.path.exists(path))
