"""`os.splice` moves bytes between a pipe and a file, from an offset or where the file stands; a pipe has no offset."""
import os
import tempfile

with tempfile.TemporaryFile() as file:
    file.write(b"0123456789" * 10)
    file.flush()
    file.seek(0)
    read, write = os.pipe()
    print(os.splice(file.fileno(), write, 5, offset_src=42), os.read(read, 100), os.lseek(file.fileno(), 0, os.SEEK_CUR))
    print(os.splice(file.fileno(), write, 7, flags=os.SPLICE_F_MOVE), os.read(read, 100), os.lseek(file.fileno(), 0, os.SEEK_CUR))
    os.write(write, b"written")
    print(os.splice(read, file.fileno(), 100, offset_dst=3), os.pread(file.fileno(), 14, 0))
    for arguments in [(read, file.fileno(), -1), (file.fileno(), write, 1, None, 0), (read, write, 1), ("a", 1, 2), (read, 999, 1)]:
        try:
            print(os.splice(*arguments))
        except (OSError, TypeError, ValueError) as error:
            print(type(error).__name__, error)
    os.close(read)
    os.close(write)
