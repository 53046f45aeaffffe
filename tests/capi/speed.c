/* How long calls from C take: each function runs one call of the C API a given number of times and gives nanoseconds for one. */
#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <time.h>

static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec * 1e9 + (double)time.tv_nsec;
}

#define MEASURE(NAME, PREPARE, CALL, FINISH)                                       \
    static PyObject *NAME(PyObject *self, PyObject *args)                          \
    {                                                                              \
        Py_ssize_t count, index;                                                   \
        PyObject *object;                                                          \
        double start;                                                              \
        if (!PyArg_ParseTuple(args, "nO", &count, &object)) {                      \
            return NULL;                                                           \
        }                                                                          \
        PREPARE;                                                                   \
        start = now();                                                             \
        for (index = 0; index < count; index++) {                                  \
            CALL;                                                                  \
        }                                                                          \
        start = (now() - start) / (double)count;                                   \
        FINISH;                                                                    \
        return PyErr_Occurred() ? NULL : PyFloat_FromDouble(start);                \
    }

MEASURE(long_small, , Py_XDECREF(PyLong_FromLong(index & 127)), )
MEASURE(long_large, , Py_XDECREF(PyLong_FromLong(index + 100000)), )
MEASURE(long_as, , if (PyLong_AsLong(object) == -2) break, )
MEASURE(float_from, , Py_XDECREF(PyFloat_FromDouble((double)index)), )
MEASURE(list_append, PyObject *list = PyList_New(0), PyList_Append(list, object), Py_DECREF(list))
MEASURE(list_get, PyObject *list = Py_BuildValue("[OO]", object, object), if (PyList_GetItem(list, index & 1) == NULL) break, Py_DECREF(list))
MEASURE(tuple_new, , Py_XDECREF(PyTuple_Pack(2, object, object)), )
MEASURE(dict_set, PyObject *dict = PyDict_New(); PyObject *key = PyUnicode_FromString("key"), PyDict_SetItem(dict, key, object), Py_DECREF(dict); Py_DECREF(key))
MEASURE(dict_get, PyObject *dict = Py_BuildValue("{sO}", "key", object); PyObject *key = PyUnicode_FromString("key"), if (PyDict_GetItemWithError(dict, key) == NULL) break, Py_DECREF(dict); Py_DECREF(key))
MEASURE(call, , Py_XDECREF(PyObject_CallNoArgs(object)), )
MEASURE(call_tuple, PyObject *empty = PyTuple_New(0), Py_XDECREF(PyObject_Call(object, empty, NULL)), Py_DECREF(empty))
MEASURE(call_one, , Py_XDECREF(PyObject_CallOneArg(object, Py_None)), )
MEASURE(get_attribute, PyObject *name = PyUnicode_InternFromString("attribute"), Py_XDECREF(PyObject_GetAttr(object, name)), Py_DECREF(name))
MEASURE(get_attribute_text, , Py_XDECREF(PyObject_GetAttrString(object, "attribute")), )
MEASURE(set_attribute, PyObject *name = PyUnicode_InternFromString("attribute"), PyObject_SetAttr(object, name, Py_None), Py_DECREF(name))
MEASURE(text_new, , Py_XDECREF(PyUnicode_FromString("some text")), )
MEASURE(text_utf8, , if (PyUnicode_AsUTF8(object) == NULL) break, )
MEASURE(bytes_new, , Py_XDECREF(PyBytes_FromStringAndSize("some text", 9)), )
MEASURE(parse, PyObject *tuple = Py_BuildValue("(iO)", 1, object); int number; PyObject *other, if (!PyArg_ParseTuple(tuple, "iO", &number, &other)) break, Py_DECREF(tuple))
MEASURE(build, , Py_XDECREF(Py_BuildValue("(iO)", 1000, object)), )
MEASURE(add, , Py_XDECREF(PyNumber_Add(object, object)), )
MEASURE(compare, , if (PyObject_RichCompareBool(object, Py_None, Py_EQ) < 0) break, )
MEASURE(raise_clear, , PyErr_SetString(PyExc_ValueError, "no"); PyErr_Clear(), )
MEASURE(iterate, PyObject *iterator = PyObject_GetIter(object), PyObject *item = PyIter_Next(iterator); if (item == NULL) break; Py_DECREF(item), Py_DECREF(iterator))
MEASURE(gil, , Py_BEGIN_ALLOW_THREADS Py_END_ALLOW_THREADS, )
MEASURE(gilstate, , PyGILState_Release(PyGILState_Ensure()), )
MEASURE(memory, , PyMem_Free(PyMem_Malloc(64)), )

#define ENTRY(NAME) {#NAME, NAME, METH_VARARGS, NULL}
static PyMethodDef methods[] = {
    ENTRY(long_small), ENTRY(long_large), ENTRY(long_as), ENTRY(float_from), ENTRY(list_append), ENTRY(list_get), ENTRY(tuple_new),
    ENTRY(dict_set), ENTRY(dict_get), ENTRY(call), ENTRY(call_tuple), ENTRY(call_one), ENTRY(get_attribute),
    ENTRY(get_attribute_text), ENTRY(set_attribute), ENTRY(text_new), ENTRY(text_utf8), ENTRY(bytes_new), ENTRY(parse),
    ENTRY(build), ENTRY(add), ENTRY(compare), ENTRY(raise_clear), ENTRY(iterate), ENTRY(gil), ENTRY(gilstate), ENTRY(memory),
    {NULL, NULL, 0, NULL}
};

static struct PyModuleDef definition = {PyModuleDef_HEAD_INIT, "speed", NULL, -1, methods, NULL, NULL, NULL, NULL};

PyMODINIT_FUNC PyInit_speed(void)
{
    return PyModule_Create(&definition);
}
