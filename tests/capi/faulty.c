/* Modules whose init functions, steps and functions do not keep the rules of the C API, one of them each. All are in one file, which is loaded
 * under the name of each. */
#define PY_SSIZE_T_CLEAN
#include <Python.h>
static PyObject *silent(PyObject *s, PyObject *a)
{
    return NULL;
}

static PyObject *both(PyObject *s, PyObject *a)
{
    PyErr_SetString(PyExc_ValueError, "set");
    Py_RETURN_NONE;
}

static PyObject *dead(PyObject *s, PyObject *a)
{
    PyObject *o = PyList_New(3);
    Py_DECREF(o);
    return o;
}

static PyObject *borrowed(PyObject *s, PyObject *a)
{
    PyObject *o = PyTuple_GetItem(a, 0);
    return o;
}

static PyMethodDef methods[] = {{"silent", silent, METH_VARARGS, 0}, {"both", both, METH_VARARGS, 0}, {"dead", dead, METH_VARARGS, 0}, {"borrowed", borrowed, METH_VARARGS, 0}, {0}};
static struct PyModuleDef def = {PyModuleDef_HEAD_INIT, "faulty", 0, -1, methods};
PyMODINIT_FUNC PyInit_faulty(void)
{
    return PyModule_Create(&def);
}

PyMODINIT_FUNC PyInit_fails(void)
{
    PyErr_SetString(PyExc_RuntimeError, "cannot");
    return NULL;
}

PyMODINIT_FUNC PyInit_mute(void)
{
    return NULL;
}

PyMODINIT_FUNC PyInit_raisesboth(void)
{
    PyObject *module = PyModule_Create(&def);
    PyErr_SetString(PyExc_RuntimeError, "cannot");
    return module;
}

PyMODINIT_FUNC PyInit_notmodule(void)
{
    return PyLong_FromLong(5);
}

static PyObject *kept;
static struct PyModuleDef kdef = {PyModuleDef_HEAD_INIT, "keeps", 0, -1, methods};
PyMODINIT_FUNC PyInit_keeps(void)
{
    if (!kept) kept = PyModule_Create(&kdef);
    Py_XINCREF(kept);
    return kept;
}

static PyModuleDef_Slot bad_slots[] = {{77, 0}, {0, 0}};
static struct PyModuleDef bdef = {PyModuleDef_HEAD_INIT, "badslot", 0, 0, methods, bad_slots};
PyMODINIT_FUNC PyInit_badslot(void)
{
    return PyModuleDef_Init(&bdef);
}

static int exec_silent(PyObject *m)
{
    return -1;
}

static int exec_both(PyObject *m)
{
    PyErr_SetString(PyExc_KeyError, "k");
    return 0;
}

static int exec_fails(PyObject *m)
{
    PyErr_SetString(PyExc_KeyError, "k");
    return -1;
}

static PyModuleDef_Slot es[] = {{Py_mod_exec, exec_silent}, {0, 0}}, eb[] = {{Py_mod_exec, exec_both}, {0, 0}}, ef[] = {{Py_mod_exec, exec_fails}, {0, 0}};
static struct PyModuleDef d1 = {PyModuleDef_HEAD_INIT, "execsilent", 0, 0, methods, es}, d2 = {PyModuleDef_HEAD_INIT, "execboth", 0, 0, methods, eb}, d3 = {PyModuleDef_HEAD_INIT, "execfails", 0, 0, methods, ef};
PyMODINIT_FUNC PyInit_execsilent(void)
{
    return PyModuleDef_Init(&d1);
}

PyMODINIT_FUNC PyInit_execboth(void)
{
    return PyModuleDef_Init(&d2);
}

PyMODINIT_FUNC PyInit_execfails(void)
{
    return PyModuleDef_Init(&d3);
}

/* A collectable type that cannot say what its instances refer to, though its base could. */
static PyTypeObject untraversed_type = {
    PyVarObject_HEAD_INIT(NULL, 0).tp_name = "faulty.Untraversed", .tp_basicsize = sizeof(PySetObject),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
};
static int exec_untraversed(PyObject *m)
{
    untraversed_type.tp_base = &PySet_Type;
    return PyType_Ready(&untraversed_type);
}

static PyModuleDef_Slot eu[] = {{Py_mod_exec, exec_untraversed}, {0, 0}};
static struct PyModuleDef du = {PyModuleDef_HEAD_INIT, "untraversed", 0, 0, methods, eu};
PyMODINIT_FUNC PyInit_untraversed(void)
{
    return PyModuleDef_Init(&du);
}

static PyObject *create_silent(PyObject *s, PyModuleDef *d)
{
    return NULL;
}

static PyObject *create_other(PyObject *s, PyModuleDef *d)
{
    return PyLong_FromLong(7);
}

static PyModuleDef_Slot cs[] = {{Py_mod_create, create_silent}, {0, 0}}, co[] = {{Py_mod_create, create_other}, {0, 0}}, cc[] = {{Py_mod_create, create_other}, {Py_mod_create, create_other}, {0, 0}}, ce[] = {{Py_mod_create, create_other}, {Py_mod_exec, exec_fails}, {0, 0}};
static struct PyModuleDef d4 = {PyModuleDef_HEAD_INIT, "createsilent", 0, 0, 0, cs}, d5 = {PyModuleDef_HEAD_INIT, "createother", 0, 0, 0, co}, d6 = {PyModuleDef_HEAD_INIT, "createtwice", 0, 0, 0, cc}, d7 = {PyModuleDef_HEAD_INIT, "createexec", 0, 0, 0, ce};
PyMODINIT_FUNC PyInit_createsilent(void)
{
    return PyModuleDef_Init(&d4);
}

PyMODINIT_FUNC PyInit_createother(void)
{
    return PyModuleDef_Init(&d5);
}

PyMODINIT_FUNC PyInit_createtwice(void)
{
    return PyModuleDef_Init(&d6);
}

PyMODINIT_FUNC PyInit_createexec(void)
{
    return PyModuleDef_Init(&d7);
}

static struct PyModuleDef d8 = {PyModuleDef_HEAD_INIT, "negsize", 0, -5, 0, es};
PyMODINIT_FUNC PyInit_negsize(void)
{
    return PyModuleDef_Init(&d8);
}

