"""Memory views of several dimensions: casts, strides, items, equality, release, and what is refused."""
import array

view = memoryview(bytearray(range(24)))
cube = view.cast("B", (2, 3, 4))
print(cube.shape, cube.strides, cube.ndim, cube.nbytes, cube.itemsize, cube.contiguous, cube.c_contiguous, cube.f_contiguous, len(cube))
print(cube.tolist(), cube[1, 2, 3], cube.tobytes()[:5])
cube[0, 0, 0] = 200
print(view[0], cube == memoryview(bytes(view)).cast("B", [2, 3, 4]), cube == view)
for attempt in (lambda: cube[0], lambda: cube[0, 0], lambda: cube[0, 0, 9], lambda: cube[0:1], lambda: cube[0, 0, 0, 0], lambda: view.cast("I", (5,)), lambda: view.cast("B", (5, 5)), lambda: view[::2].cast("I"), lambda: cube.cast("I"), lambda: view.cast("zz"), lambda: view.cast("I").cast("d"), lambda: hash(view), lambda: view.cast("B", ()), lambda: view.cast("B", (-1, 4))):
    try:
        print(type(attempt()).__name__)
    except (TypeError, IndexError, NotImplementedError, ValueError) as error:
        print(type(error).__name__, error)
print(view[::-3].tolist(), view[20:2:-5].tolist(), view[5:5].tolist(), view[::2].strides, view[::2].tobytes())
view[0:4] = b"abcd"
view[::12] = b"XY"
print(bytes(view[:13]))
for key, value in ((slice(0, 2), b"abc"), (0, 256), (0, "a"), (slice(0, 2), memoryview(b"abcd").cast("H")), (100, 1)):
    try:
        view[key] = value
    except (ValueError, TypeError, IndexError) as error:
        print(type(error).__name__, error)
try:
    del view[0]
except TypeError as error:
    print(error)
for code in "bBhHiIlLqQfd?c":
    data = memoryview(bytes(range(8))).cast(code)
    print(code, data.format, data.itemsize, data.tolist())
numbers = memoryview(array.array("i", [1, -2, 3]))
print(numbers.tolist(), numbers == array.array("q", [1, -2, 3]), numbers == array.array("d", [1, -2, 3]), numbers.tobytes() == bytes(numbers), -2 in numbers)
print(numbers.hex("-", 4), memoryview(b"abc").hex(":"), numbers.readonly, memoryview(b"x").readonly, numbers.toreadonly().readonly)
buffer = bytearray(4)
with memoryview(buffer) as held:
    try:
        buffer.append(1)
    except BufferError as error:
        print(error)
buffer.append(1)
try:
    held[0]
except ValueError as error:
    print(error)
print(repr(held)[:16], held == held)
inner = memoryview(buffer)
outer = memoryview(inner)
inner.release()
print(outer[0], outer.obj is buffer)
scalar = memoryview(b"\x05").cast("B", ())
print(scalar.shape, scalar.ndim, scalar[()], scalar.tolist(), scalar[...] is scalar)
try:
    len(scalar)
except TypeError as error:
    print(error)
