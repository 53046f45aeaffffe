"""`os.chown` takes -1, and the number that C has for it, for "leave it"."""
import os
import tempfile

with tempfile.NamedTemporaryFile() as file:
    for user, group in ((-1, -1), (2**32 - 1, -1), (-1, 2**32 - 1), (2**32, -1), (-2, -1), (2**70, -1), (-2**70, -1), ("a", -1), (1.5, -1)):
        for act in (lambda: os.chown(file.name, user, group), lambda: os.lchown(file.name, user, group), lambda: os.fchown(file.fileno(), user, group)):
            try:
                print(user, group, act())
            except (TypeError, OverflowError) as error:
                print(user, group, type(error).__name__, error)
