"""Functions of the C API, called by `ctypes`: generators of frames, wide characters, formats."""
import ctypes, sys

api = ctypes.pythonapi
api.PyFrame_GetGenerator.restype = ctypes.py_object
api.PyFrame_GetGenerator.argtypes = [ctypes.py_object]


def generator():
    yield api.PyFrame_GetGenerator(sys._getframe())


made = generator()
print(next(made) is made, api.PyFrame_GetGenerator(made.gi_frame) is made)

api.PyUnicode_FromWideChar.restype = ctypes.py_object
api.PyUnicode_FromWideChar.argtypes = [ctypes.c_void_p, ctypes.c_ssize_t]
for codes in (0x61, 0x10FFFF), (0x110000,), (0x61, 0x7FFFFFFF):
    wide = (ctypes.c_uint32 * len(codes))(*codes)
    try:
        print(ascii(api.PyUnicode_FromWideChar(wide, len(codes))))
    except ValueError as error:
        print(error)

api.PyUnicode_FromFormat.restype = ctypes.py_object
for form in b"%.%s", b"%.3%s", b"%s|%.2s|%5s|%%":
    print(ascii(api.PyUnicode_FromFormat(form, b"abc", b"def", b"ghi")))
