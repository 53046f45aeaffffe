/* Rare interfaces: audit hooks, options that C adds, named tuples whose type object is C's own memory, bytes by format, numbers of operators,
   places of instructions, sizes of stacks, initialisers of built-in modules. */
#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <structseq.h>
#include <string.h>

static char told[400];
static int refuse;

static int hook(const char *event, PyObject *args, void *word)
{
    if (strncmp(event, "hooks.", 6) != 0)
        return 0;
    snprintf(told + strlen(told), sizeof(told) - strlen(told), "%s/%zd/%s;", event, PyTuple_Size(args), (const char *)word);
    if (refuse == 1) {
        PyErr_SetString(PyExc_PermissionError, "refused");
        return -1;
    }
    return 0;
}

static PyObject *audit(PyObject *module, PyObject *args)
{
    if (!PyArg_ParseTuple(args, "i", &refuse))
        return NULL;
    told[0] = 0;
    if (PySys_Audit("hooks.event", "is", 1, "two") < 0)
        return NULL;
    return PyUnicode_FromString(told);
}

static PyObject *add(PyObject *module, PyObject *args)
{
    if (PySys_AddAuditHook(hook, "word") < 0)
        return NULL;
    Py_RETURN_NONE;
}

static PyTypeObject PairType;
static PyStructSequence_Field fields[] = {{"first", "The first."}, {"second", NULL}, {"hidden", "Not seen."}, {NULL, NULL}};
static PyStructSequence_Desc description = {"hooks.Pair", "A pair.", fields, 2};

static PyObject *pair(PyObject *module, PyObject *args)
{
    PyObject *made = PyStructSequence_New(&PairType);
    if (made == NULL)
        return NULL;
    for (int index = 0; index < 3; index++)
        PyStructSequence_SET_ITEM(made, index, PyLong_FromLong(index * 10));
    return made;
}

static PyObject *bytes(PyObject *module, PyObject *args)
{
    return Py_BuildValue("(NNNNN)", PyBytes_FromFormat("%c%c|%5d|%u|%x|%%", 200, 65, -7, 4000000000u, 255),
                         PyBytes_FromFormat("%ld %lu %zd %zu %i", -1L, 1UL << 40, (Py_ssize_t)-2, (size_t)3, 4),
                         PyBytes_FromFormat("%.3s|%s|%.0s", "abcdef", "xyz", "all"), PyBytes_FromFormat("a%qb%d", 3),
                         PyBytes_FromFormat("caf\xe9 %s", "\xff"));
}

static PyObject *wrong_byte(PyObject *module, PyObject *args)
{
    return PyBytes_FromFormat("%c", 256);
}

static PyObject *tokens(PyObject *module, PyObject *args)
{
    return Py_BuildValue("iiiiiiii", PyToken_OneChar('('), PyToken_OneChar('@'), PyToken_OneChar('$'), PyToken_TwoChars(':', '='),
                         PyToken_TwoChars('<', '>'), PyToken_TwoChars('(', ')'), PyToken_ThreeChars('*', '*', '='),
                         PyToken_ThreeChars('.', '.', '.'));
}

static PyObject *options(PyObject *module, PyObject *args)
{
    PySys_AddWarnOption(L"default::UserWarning");
    PyObject *text = PyUnicode_FromString("error");
    PySys_AddWarnOptionUnicode(text);
    Py_DECREF(text);
    PySys_AddXOption(L"name=value=more");
    PySys_AddXOption(L"alone");
    Py_RETURN_NONE;
}

static PyObject *reset(PyObject *module, PyObject *args)
{
    PySys_ResetWarnOptions();
    Py_RETURN_NONE;
}

static PyObject *location(PyObject *module, PyObject *args)
{
    PyObject *code;
    int offset, line = -9, column = -9, end_line = -9, end_column = -9;
    if (!PyArg_ParseTuple(args, "Oi", &code, &offset))
        return NULL;
    int found = PyCode_Addr2Location((PyCodeObject *)code, offset, &line, &column, &end_line, &end_column);
    return Py_BuildValue("iiiii", found, line, column, end_line, end_column);
}

static PyObject *stack(PyObject *module, PyObject *args)
{
    size_t before = PyThread_get_stacksize();
    int small = PyThread_set_stacksize(100), large = PyThread_set_stacksize(1 << 20);
    size_t between = PyThread_get_stacksize();
    PyThread_set_stacksize(before);
    return Py_BuildValue("nii" "n", before, small, large, between);
}

PyMODINIT_FUNC PyInit_math(void);
PyMODINIT_FUNC PyInit_time(void);

static PyObject *initialisers(PyObject *module, PyObject *args)
{
    return Py_BuildValue("OO", PyInit_math != NULL ? Py_True : Py_False, PyInit_time != NULL ? Py_True : Py_False);
}

static PyMethodDef methods[] = {
    {"add", add, METH_NOARGS, NULL},
    {"audit", audit, METH_VARARGS, NULL},
    {"pair", pair, METH_NOARGS, NULL},
    {"bytes", bytes, METH_NOARGS, NULL},
    {"wrong_byte", wrong_byte, METH_NOARGS, NULL},
    {"tokens", tokens, METH_NOARGS, NULL},
    {"options", options, METH_NOARGS, NULL},
    {"reset", reset, METH_NOARGS, NULL},
    {"location", location, METH_VARARGS, NULL},
    {"stack", stack, METH_NOARGS, NULL},
    {"initialisers", initialisers, METH_NOARGS, NULL},
    {NULL, NULL, 0, NULL},
};

static struct PyModuleDef definition = {PyModuleDef_HEAD_INIT, "hooks", NULL, -1, methods};

PyMODINIT_FUNC PyInit_hooks(void)
{
    PyObject *module = PyModule_Create(&definition);
    if (module == NULL || PyStructSequence_InitType2(&PairType, &description) < 0)
        return NULL;
    Py_INCREF(&PairType);
    PyModule_AddObject(module, "Pair", (PyObject *)&PairType);
    return module;
}
