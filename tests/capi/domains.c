/* The three domains of memory: an allocator that is put into one is asked for what is asked of that one, and of no other; the raw domain is
   used without the interpreter's lock. PY_SSIZE_T_CLEAN is not defined, so that formats with `#` are refused. */
#include <Python.h>
#include <string.h>

static PyMemAllocatorEx before;
static int mallocs, callocs, reallocs, frees;

static void *count_malloc(void *context, size_t size)
{
    mallocs++;
    return before.malloc(before.ctx, size);
}

static void *count_calloc(void *context, size_t count, size_t size)
{
    callocs++;
    return before.calloc(before.ctx, count, size);
}

static void *count_realloc(void *context, void *memory, size_t size)
{
    reallocs++;
    return before.realloc(before.ctx, memory, size);
}

static void count_free(void *context, void *memory)
{
    frees++;
    before.free(before.ctx, memory);
}

typedef struct {
    void *(*malloc)(size_t);
    void *(*calloc)(size_t, size_t);
    void *(*realloc)(void *, size_t);
    void (*free)(void *);
} Functions;

static const Functions functions[3] = {
    {PyMem_RawMalloc, PyMem_RawCalloc, PyMem_RawRealloc, PyMem_RawFree},
    {PyMem_Malloc, PyMem_Calloc, PyMem_Realloc, PyMem_Free},
    {PyObject_Malloc, PyObject_Calloc, PyObject_Realloc, PyObject_Free},
};

static void use(const Functions *with)
{
    void *memory = with->realloc(with->malloc(24), 400);
    memset(memory, 1, 400);
    with->free(memory);
    with->free(with->calloc(3, 16));
}

/* What an allocator in domain `hooked` is asked for while domain `used` is used. */
static PyObject *asked(PyObject *module, PyObject *args)
{
    int hooked, used;
    if (!PyArg_ParseTuple(args, "ii", &hooked, &used))
        return NULL;
    PyMemAllocatorEx counting = {NULL, count_malloc, count_calloc, count_realloc, count_free};
    mallocs = callocs = reallocs = frees = 0;
    PyMem_GetAllocator(hooked, &before);
    PyMem_SetAllocator(hooked, &counting);
    use(&functions[used]);
    PyMem_SetAllocator(hooked, &before);
    use(&functions[used]);
    return Py_BuildValue("iiii", mallocs, callocs, reallocs, frees);
}

/* The allocator that is told for a domain makes and frees the same memory as the domain's functions. */
static PyObject *exchange(PyObject *module, PyObject *args)
{
    for (int domain = 0; domain < 3; domain++) {
        PyMemAllocatorEx told;
        PyMem_GetAllocator(domain, &told);
        for (size_t size = 1; size < 3000; size += 37) {
            char *memory = told.malloc(told.ctx, size);
            memset(memory, 7, size);
            memory = functions[domain].realloc(memory, size * 2);
            if (memory[size - 1] != 7)
                return NULL;
            told.free(told.ctx, memory);
            functions[domain].free(told.calloc(told.ctx, size, 2));
        }
    }
    Py_RETURN_TRUE;
}

/* A domain's function makes a hundred small blocks while `count` is asked before and after; pymalloc has those of two domains. */
static PyObject *blocks(PyObject *module, PyObject *args)
{
    int domain;
    PyObject *count;
    void *memory[100];
    if (!PyArg_ParseTuple(args, "iO", &domain, &count))
        return NULL;
    PyObject *first = PyObject_CallNoArgs(count);
    for (int index = 0; index < 100; index++)
        memory[index] = functions[domain].malloc(64);
    PyObject *second = PyObject_CallNoArgs(count);
    for (int index = 0; index < 100; index++)
        functions[domain].free(memory[index]);
    return Py_BuildValue("NN", first, second);
}

static PyObject *without_lock(PyObject *module, PyObject *args)
{
    Py_BEGIN_ALLOW_THREADS
    for (int round = 0; round < 10000; round++)
        use(&functions[0]);
    Py_END_ALLOW_THREADS
    Py_RETURN_TRUE;
}

static PyObject *unclean(PyObject *module, PyObject *args)
{
    const char *format;
    if (!PyArg_ParseTuple(args, "s", &format))
        return NULL;
    return Py_BuildValue(format, "text", 3, 8);
}

static PyObject *unclean_call(PyObject *module, PyObject *callable)
{
    return PyObject_CallFunction(callable, "s#i", "text", 3, 8);
}

static PyObject *unclean_method(PyObject *module, PyObject *object)
{
    return PyObject_CallMethod(object, "append", "y#", "text", 3);
}

static PyMethodDef methods[] = {
    {"asked", asked, METH_VARARGS, NULL},
    {"exchange", exchange, METH_NOARGS, NULL},
    {"blocks", blocks, METH_VARARGS, NULL},
    {"without_lock", without_lock, METH_NOARGS, NULL},
    {"unclean", unclean, METH_VARARGS, NULL},
    {"unclean_call", unclean_call, METH_O, NULL},
    {"unclean_method", unclean_method, METH_O, NULL},
    {NULL, NULL, 0, NULL},
};

static struct PyModuleDef definition = {PyModuleDef_HEAD_INIT, "domains", NULL, -1, methods};

PyMODINIT_FUNC PyInit_domains(void)
{
    return PyModule_Create(&definition);
}
