/* A program that embeds Python: what the documentation of "Extending and Embedding" shows, in one program for each way of starting. */
#define PY_SSIZE_T_CLEAN
#include <Python.h>

static int calls = 0;

static PyObject *emb_numargs(PyObject *self, PyObject *args)
{
    if (!PyArg_ParseTuple(args, ":numargs")) {
        return NULL;
    }
    calls++;
    return PyLong_FromLong(42);
}

static PyMethodDef EmbMethods[] = {
    {"numargs", emb_numargs, METH_VARARGS, "Return the number of arguments received by the process."},
    {NULL, NULL, 0, NULL}
};

static PyModuleDef EmbModule = {PyModuleDef_HEAD_INIT, "emb", NULL, -1, EmbMethods, NULL, NULL, NULL, NULL};

static PyObject *PyInit_emb(void)
{
    return PyModule_Create(&EmbModule);
}

static void *in_thread(void *argument)
{
    PyGILState_STATE state = PyGILState_Ensure();
    PyRun_SimpleString("import threading; print('thread', threading.current_thread().name.startswith('Dummy'), counted)");
    PyGILState_Release(state);
    return argument;
}

static int call_function(void)
{
    PyObject *module = PyImport_ImportModule("fractions");
    PyObject *function = module ? PyObject_GetAttrString(module, "Fraction") : NULL;
    PyObject *result = function ? PyObject_CallFunction(function, "ii", 3, 12) : NULL;
    PyObject *text = result ? PyObject_Repr(result) : NULL;
    if (text == NULL) {
        PyErr_Print();
        return 1;
    }
    printf("called: %s\n", PyUnicode_AsUTF8(text));
    fflush(stdout);
    Py_DECREF(text);
    Py_DECREF(result);
    Py_DECREF(function);
    Py_DECREF(module);
    return 0;
}

static int plain(void)
{
    pthread_t thread;
    PyThreadState *state;
    PyObject *main, *names, *value;
    wchar_t *name = Py_DecodeLocale("embedded", NULL);
    Py_SetProgramName(name);
    PyImport_AppendInittab("emb", &PyInit_emb);
    printf("initialized: %d\n", Py_IsInitialized());
    Py_Initialize();
    printf("initialized: %d %d\n", Py_IsInitialized(), PyGILState_Check());
    printf("name: %ls\n", Py_GetProgramName());
    PyRun_SimpleString("import emb, sys; counted = emb.numargs(); print('from C:', counted, 'emb' in sys.builtin_module_names, sys.argv)");
    if (call_function()) {
        return 1;
    }
    main = PyImport_AddModule("__main__");
    names = PyModule_GetDict(main);
    value = PyRun_String("[n * counted for n in range(3)]", Py_eval_input, names, names);
    PyObject_Print(value, stdout, 0);
    printf("\n");
    fflush(stdout);
    Py_XDECREF(value);
    value = PyRun_String("1/0", Py_eval_input, names, names);
    printf("error: %d %d\n", value == NULL, PyErr_ExceptionMatches(PyExc_ZeroDivisionError));
    PyErr_Clear();
    printf("failed: %d\n", PyRun_SimpleString("import sys; sys.stderr = sys.stdout; raise ValueError('shown')"));
    fflush(stdout);
    /* Here, so that this thread is the main one, whether or not the site imports threading at start-up. */
    PyRun_SimpleString("import threading");
    state = PyEval_SaveThread();
    pthread_create(&thread, NULL, in_thread, NULL);
    pthread_join(thread, NULL);
    PyEval_RestoreThread(state);
    PyRun_SimpleString("import atexit; atexit.register(print, 'at exit')");
    printf("finalized: %d\n", Py_FinalizeEx());
    printf("initialized: %d\n", Py_IsInitialized());
    PyMem_RawFree(name);
    printf("calls: %d\n", calls);
    return 0;
}

static int configured(int isolated)
{
    PyStatus status;
    PyConfig config;
    if (isolated) {
        PyConfig_InitIsolatedConfig(&config);
    } else {
        PyConfig_InitPythonConfig(&config);
    }
    status = PyConfig_SetString(&config, &config.program_name, L"configured");
    if (!PyStatus_Exception(status)) {
        status = PyConfig_SetBytesString(&config, &config.run_command,
            "import sys; print(sys.argv, sys.flags.isolated, sys.flags.optimize, sys.warnoptions, sys._xoptions); sys.exit(7)");
    }
    if (!PyStatus_Exception(status)) {
        wchar_t *argv[] = {L"x", L"one", L"two"};
        status = PyConfig_SetArgv(&config, 3, argv);
    }
    config.optimization_level = 1;
    config.parse_argv = 0;
    PyWideStringList_Append(&config.xoptions, L"given=1");
    PyWideStringList_Append(&config.warnoptions, L"ignore");
    if (!PyStatus_Exception(status)) {
        status = Py_InitializeFromConfig(&config);
    }
    PyConfig_Clear(&config);
    if (PyStatus_Exception(status)) {
        Py_ExitStatusException(status);
    }
    return Py_RunMain();
}

int main(int argc, char **argv)
{
    setvbuf(stdout, NULL, _IONBF, 0);
    switch (argc > 1 ? argv[1][0] : 'p') {
    case 'c':
        return configured(0);
    case 'i':
        return configured(1);
    case 'm':
        return Py_BytesMain(argc - 1, argv + 1);
    case 'e':
        Py_ExitStatusException(PyStatus_Exit(3));
    default:
        return plain();
    }
}
