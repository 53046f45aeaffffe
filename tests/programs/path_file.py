"""A file named as the program with `._pth` behind is the whole of `sys.path`."""
import os, subprocess, sys, tempfile

with tempfile.TemporaryDirectory() as folder:
    program = os.path.join(folder, "snake")
    os.symlink(sys.executable, program)
    library = os.path.dirname(os.__file__)
    library = [library, os.path.join(library, "lib-dynload")]
    shown = f"import sys; print([p for p in sys.path if p not in {library} and '-packages' not in p], sys.flags.isolated, " \
            "sys.flags.no_site, sys.flags.ignore_environment, sys.flags.safe_path, 'site' in sys.modules)"
    script = os.path.join(folder, "script.py")
    with open(script, "w") as file:
        file.write(shown)
    for lines in [], ["import site"], ["# nothing", "", "with space  # why", ".", "..", "a/../b/./c", "/"]:
        with open(program + "._pth", "w") as file:
            file.write("\n".join([*library, *lines]))
        for arguments in ["-c", shown], [script]:
            done = subprocess.run([program, *arguments], capture_output=True, text=True,
                                  env={**os.environ, "PYTHONPATH": "/from/the/environment"})
            print(done.returncode, done.stdout.replace(folder, "FOLDER").replace(os.path.dirname(folder), "ABOVE"), end="")
