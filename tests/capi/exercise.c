/* An extension that uses each family of functions of the C API and each kind of type, module and callback. `exercise.py` calls it and prints
   what it gives; CPython and Habu must print the same. */
#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <pthread.h>
#include <structmember.h>
#include <string.h>

/* A heap type made from a specification: members, computed attributes, methods, a number slot, a dictionary, weak references. */
typedef struct {
    PyObject_HEAD
    long value;
    PyObject *payload;
    PyObject *dict;
    PyObject *weakrefs;
} Cell;

static PyObject *Cell_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    static char *names[] = {"value", "payload", NULL};
    long value = 0;
    PyObject *payload = Py_None;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "|lO:Cell", names, &value, &payload))
        return NULL;
    Cell *self = (Cell *)type->tp_alloc(type, 0);
    if (self == NULL)
        return NULL;
    self->value = value;
    Py_INCREF(payload);
    self->payload = payload;
    return (PyObject *)self;
}

static int Cell_traverse(Cell *self, visitproc visit, void *arg)
{
    Py_VISIT(Py_TYPE(self));
    Py_VISIT(self->payload);
    Py_VISIT(self->dict);
    return 0;
}

static int Cell_clear(Cell *self)
{
    Py_CLEAR(self->payload);
    Py_CLEAR(self->dict);
    return 0;
}

static void Cell_dealloc(Cell *self)
{
    PyTypeObject *type = Py_TYPE(self);
    PyObject_GC_UnTrack(self);
    if (self->weakrefs != NULL)
        PyObject_ClearWeakRefs((PyObject *)self);
    Cell_clear(self);
    type->tp_free(self);
    Py_DECREF(type);
}

static PyObject *Cell_repr(Cell *self)
{
    return PyUnicode_FromFormat("Cell(%ld, %R)", self->value, self->payload);
}

static PyObject *Cell_add(PyObject *left, PyObject *right)
{
    if (!PyLong_Check(right))
        Py_RETURN_NOTIMPLEMENTED;
    long more = PyLong_AsLong(right);
    if (more == -1 && PyErr_Occurred())
        return NULL;
    return PyObject_CallFunction((PyObject *)Py_TYPE(left), "lO", ((Cell *)left)->value + more, ((Cell *)left)->payload);
}

static PyObject *Cell_double(Cell *self, PyObject *unused)
{
    return PyLong_FromLong(self->value * 2);
}

static PyObject *Cell_sum(PyObject *self, PyTypeObject *owner, PyObject *const *args, Py_ssize_t count, PyObject *names)
{
    long total = ((Cell *)self)->value;
    for (Py_ssize_t i = 0; i < count; i++)
        total += PyLong_AsLong(args[i]);
    return Py_BuildValue("(lsn)", total, PyType_GetModule(owner) ? "module" : "none", names ? PyTuple_Size(names) : 0);
}

static PyObject *Cell_get_square(Cell *self, void *closure)
{
    return PyLong_FromLong(self->value * self->value);
}

static int Cell_set_square(Cell *self, PyObject *value, void *closure)
{
    if (value == NULL) {
        PyErr_SetString(PyExc_AttributeError, "cannot delete square");
        return -1;
    }
    self->value = PyLong_AsLong(value);
    return PyErr_Occurred() ? -1 : 0;
}

static PyMethodDef Cell_methods[] = {
    {"double", (PyCFunction)Cell_double, METH_NOARGS, "double($self, /)\n--\n\nTwice the value."},
    {"sum", (PyCFunction)(void (*)(void))Cell_sum, METH_METHOD | METH_FASTCALL | METH_KEYWORDS, NULL},
    {NULL}
};
static PyMemberDef Cell_members[] = {
    {"value", T_LONG, offsetof(Cell, value), 0, "the value"},
    {"payload", T_OBJECT, offsetof(Cell, payload), READONLY, NULL},
    {"__dictoffset__", T_PYSSIZET, offsetof(Cell, dict), READONLY},
    {"__weaklistoffset__", T_PYSSIZET, offsetof(Cell, weakrefs), READONLY},
    {NULL}
};
static PyGetSetDef Cell_getset[] = {
    {"square", (getter)Cell_get_square, (setter)Cell_set_square, "the square", NULL},
    {"__dict__", PyObject_GenericGetDict, PyObject_GenericSetDict, NULL, NULL},
    {NULL}
};
static PyType_Slot Cell_slots[] = {
    {Py_tp_doc, "Cell(value=0, payload=None)\n--\n\nA value with a payload."},
    {Py_tp_new, Cell_new},
    {Py_tp_dealloc, Cell_dealloc},
    {Py_tp_traverse, Cell_traverse},
    {Py_tp_clear, Cell_clear},
    {Py_tp_repr, Cell_repr},
    {Py_nb_add, Cell_add},
    {Py_tp_methods, Cell_methods},
    {Py_tp_members, Cell_members},
    {Py_tp_getset, Cell_getset},
    {0, NULL}
};
static PyType_Spec Cell_spec = {
    "exercise.Cell", sizeof(Cell), 0, Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | Py_TPFLAGS_HAVE_GC, Cell_slots
};

/* A static subclass of a built-in type, ended as Cython's classes are: it is tracked again for its base's function, which untracks it. */
static void Bag_dealloc(PyObject *self)
{
    PyObject_GC_UnTrack(self);
    PyObject_GC_Track(self);
    PySet_Type.tp_dealloc(self);
}

static PyTypeObject Bag_Type = {
    PyVarObject_HEAD_INIT(NULL, 0)
    .tp_name = "exercise.Bag",
    .tp_basicsize = sizeof(PySetObject) + sizeof(void *),
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE,
    .tp_dealloc = Bag_dealloc,
};

/* What `__slots__` added to a class: the definitions behind it. */
static PyObject *slots_of(PyObject *self, PyObject *type)
{
    PyMemberDef *member = (PyMemberDef *)((char *)type + Py_TYPE(type)->tp_basicsize);
    PyObject *list = PyList_New(0);
    for (Py_ssize_t index = 0; list != NULL && index < Py_SIZE(type); index++, member++) {
        PyObject *entry = Py_BuildValue("sini", member->name, member->type, member->offset, member->flags);
        if (entry == NULL || PyList_Append(list, entry) < 0)
            Py_CLEAR(list);
        Py_XDECREF(entry);
    }
    if (list != NULL && PyType_HasFeature((PyTypeObject *)type, Py_TPFLAGS_HEAPTYPE)) {
        PyHeapTypeObject *heap = (PyHeapTypeObject *)type;
        PyObject *names = Py_BuildValue("OOOi", heap->ht_name, heap->ht_slots ? heap->ht_slots : Py_None, heap->ht_qualname, heap->ht_module == NULL);
        if (names == NULL || PyList_Append(list, names) < 0)
            Py_CLEAR(list);
        Py_XDECREF(names);
    }
    return list;
}

static PyObject *complexes(PyObject *self, PyObject *args)
{
    Py_complex left, right;
    if (!PyArg_ParseTuple(args, "DD", &left, &right))
        return NULL;
    Py_complex sum = _Py_c_sum(left, right), difference = _Py_c_diff(left, right), negative = _Py_c_neg(left);
    Py_complex product = _Py_c_prod(left, right);
    errno = 0;
    Py_complex quotient = _Py_c_quot(left, right);
    int no_quotient = errno;
    errno = 0;
    Py_complex power = _Py_c_pow(left, right);
    int no_power = errno;
    double size = _Py_c_abs(left);
    return Py_BuildValue("DDDDDiDidi", &sum, &difference, &negative, &product, &quotient, no_quotient, &power, no_power, size, errno);
}

/* A thread that has no state asks the main thread for calls. */
typedef struct {
    PyObject *callable;
    int count, head, added;
} Asked;

static int call_object(void *callable)
{
    PyObject *result = PyObject_CallNoArgs(callable);
    Py_DECREF(callable);
    Py_XDECREF(result);
    return result == NULL ? -1 : 0;
}

static void *ask(void *argument)
{
    Asked *asked = argument;
    asked->head = PyInterpreterState_Head() != NULL && PyInterpreterState_Main() == PyInterpreterState_Head();
    while (asked->added < asked->count && Py_AddPendingCall(call_object, asked->callable) == 0)
        asked->added++;
    return NULL;
}

static PyObject *pend(PyObject *self, PyObject *args)
{
    Asked asked = {NULL, 0, 0, 0};
    pthread_t thread;
    if (!PyArg_ParseTuple(args, "Oi", &asked.callable, &asked.count))
        return NULL;
    for (int index = 0; index < asked.count; index++)
        Py_INCREF(asked.callable);
    pthread_create(&thread, NULL, ask, &asked);
    pthread_join(thread, NULL);
    for (int index = asked.added; index < asked.count; index++)
        Py_DECREF(asked.callable);
    return Py_BuildValue("ii", asked.head, asked.added);
}

static PyObject *metaclass(PyObject *self, PyObject *args)
{
    PyObject *type, *bases;
    if (!PyArg_ParseTuple(args, "OO", &type, &bases))
        return NULL;
    return Py_XNewRef((PyObject *)_PyType_CalculateMetaclass((PyTypeObject *)type, bases));
}

/* A static type: a sequence that lends its memory, with an iterator by position. */
typedef struct {
    PyObject_VAR_HEAD
    int exports;
    unsigned char bytes[1];
} Block;

static PyTypeObject Block_Type;

static PyObject *Block_new(PyTypeObject *type, PyObject *args, PyObject *kwargs)
{
    Py_buffer view;
    if (!PyArg_ParseTuple(args, "y*", &view))
        return NULL;
    Block *self = (Block *)type->tp_alloc(type, view.len);
    if (self != NULL)
        memcpy(self->bytes, view.buf, view.len);
    PyBuffer_Release(&view);
    return (PyObject *)self;
}

static Py_ssize_t Block_length(PyObject *self)
{
    return Py_SIZE(self);
}

static PyObject *Block_item(PyObject *self, Py_ssize_t index)
{
    if (index < 0 || index >= Py_SIZE(self)) {
        PyErr_Format(PyExc_IndexError, "%zd is out of %zd", index, Py_SIZE(self));
        return NULL;
    }
    return PyLong_FromLong(((Block *)self)->bytes[index]);
}

static int Block_set(PyObject *self, Py_ssize_t index, PyObject *value)
{
    int byte = value ? _PyLong_AsInt(value) : 0;
    if (byte == -1 && PyErr_Occurred())
        return -1;
    ((Block *)self)->bytes[index] = byte;
    return 0;
}

static int Block_getbuffer(PyObject *self, Py_buffer *view, int flags)
{
    ((Block *)self)->exports++;
    return PyBuffer_FillInfo(view, self, ((Block *)self)->bytes, Py_SIZE(self), 0, flags);
}

static void Block_releasebuffer(PyObject *self, Py_buffer *view)
{
    ((Block *)self)->exports--;
}

static PyObject *Block_compare(PyObject *left, PyObject *right, int op)
{
    if (Py_TYPE(right) != &Block_Type)
        Py_RETURN_NOTIMPLEMENTED;
    Py_RETURN_RICHCOMPARE(Py_SIZE(left), Py_SIZE(right), op);
}

/* Joining and adding differ, as those of numpy's arrays do. */
static PyObject *Block_concat(PyObject *self, PyObject *other)
{
    return PyUnicode_FromFormat("joined with %R", other == self ? Py_None : other);
}

static PyObject *Block_repeat(PyObject *self, Py_ssize_t count)
{
    return PyUnicode_FromFormat("repeated %zd times", count);
}

static PyObject *Block_add(PyObject *left, PyObject *right)
{
    return PyUnicode_FromString("added");
}

static PyNumberMethods Block_number = {.nb_add = Block_add};
static PySequenceMethods Block_sequence = {
    .sq_length = Block_length, .sq_item = Block_item, .sq_ass_item = Block_set,
    .sq_concat = Block_concat, .sq_repeat = Block_repeat,
};
static PyBufferProcs Block_buffer = {Block_getbuffer, Block_releasebuffer};
static PyMemberDef Block_members[] = {{"exports", T_INT, offsetof(Block, exports), READONLY, NULL}, {NULL}};
static PyTypeObject Block_Type = {
    PyVarObject_HEAD_INIT(NULL, 0)
    .tp_name = "exercise.Block",
    .tp_basicsize = offsetof(Block, bytes),
    .tp_itemsize = 1,
    .tp_as_number = &Block_number,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE,
    .tp_new = Block_new,
    .tp_as_sequence = &Block_sequence,
    .tp_as_buffer = &Block_buffer,
    .tp_richcompare = Block_compare,
    .tp_members = Block_members,
};

/* Functions. */
static PyObject *parse(PyObject *module, PyObject *args)
{
    const char *text, *sized;
    Py_ssize_t length;
    int truth;
    double number;
    PyObject *object, *list;
    long first, second;
    unsigned char byte;
    if (!PyArg_ParseTuple(args, "sy#pdOO!(ll)b:parse", &text, &sized, &length, &truth, &number, &object, &PyList_Type, &list,
                          &first, &second, &byte))
        return NULL;
    return Py_BuildValue("{s:s,s:y#,s:i,s:d,s:O,s:[ll],s:n,s:B}", "text", text, "sized", sized, length, "truth", truth, "number", number,
                         "object", object, "pair", first, second, "length", PyList_Size(list), "byte", byte);
}

static PyObject *named(PyObject *module, PyObject *args, PyObject *kwargs)
{
    static char *names[] = {"", "second", "third", "only", NULL};
    int first, second = 2, third = 3, only = 4;
    if (!PyArg_ParseTupleAndKeywords(args, kwargs, "i|ii$i:named", names, &first, &second, &third, &only))
        return NULL;
    return Py_BuildValue("iiii", first, second, third, only);
}

static PyObject *texts(PyObject *module, PyObject *object)
{
    Py_ssize_t length;
    const char *utf8 = PyUnicode_AsUTF8AndSize(object, &length);
    if (utf8 == NULL)
        return NULL;
    PyObject *pieces = PyUnicode_Split(object, NULL, -1);
    PyObject *made = PyUnicode_New(2, 0x10ffff);
    PyUnicode_WriteChar(made, 0, 0x1f600);
    PyUnicode_WriteChar(made, 1, 'x');
    PyObject *joined = PyUnicode_Join(made, pieces);
    PyObject *result = Py_BuildValue("(y#nNNNi)", utf8, length, PyUnicode_GetLength(object), pieces, joined,
                                     PyUnicode_Substring(object, 1, 3), (int)PyUnicode_KIND(object));
    Py_DECREF(made);
    return result;
}

static PyObject *formats(PyObject *module, PyObject *object)
{
    return PyUnicode_FromFormat("%s|%5d|%-3d|%05i|%.3s|%c|%x|%p|%zd|%lld|%%|%S|%R|%A|%U|%V|%llu", "text", 42, 7, -42, "abcdef", 0x20ac, 255,
                                (void *)0x10, (Py_ssize_t)-9, 1LL << 40, object, object, object, object, NULL, "fallback",
                                18446744073709551615ULL);
}

static PyObject *integers(PyObject *module, PyObject *object)
{
    int overflow;
    long value = PyLong_AsLongAndOverflow(object, &overflow);
    unsigned char bytes[12];
    PyObject *rounded = NULL;
    if (_PyLong_AsByteArray((PyLongObject *)object, bytes, sizeof bytes, 1, 1) == 0)
        rounded = _PyLong_FromByteArray(bytes, sizeof bytes, 1, 1);
    else
        PyErr_Clear();
    return Py_BuildValue("(likNdi)", value, overflow, PyLong_AsUnsignedLongMask(object), rounded ? rounded : Py_NewRef(Py_None),
                         PyLong_AsDouble(object), _PyLong_Sign(object));
}

/* A float at the start of a text, with what follows it. */
static PyObject *decimal(PyObject *module, PyObject *object)
{
    const char *text = PyUnicode_AsUTF8(object);
    if (text == NULL)
        return NULL;
    char *end;
    double value = PyOS_string_to_double(text, &end, NULL);
    if (value == -1.0 && PyErr_Occurred())
        return NULL;
    double whole = PyOS_string_to_double(text, NULL, NULL);
    if (whole == -1.0 && PyErr_Occurred())
        PyErr_Clear();
    return Py_BuildValue("(dds)", value, whole, end);
}

static PyObject *containers(PyObject *module, PyObject *unused)
{
    PyObject *list = PyList_New(2), *tuple = PyTuple_New(2), *dict = PyDict_New(), *set = PySet_New(NULL), *key, *value;
    Py_ssize_t at = 0;
    PyList_SET_ITEM(list, 0, PyLong_FromLong(1));
    PyList_SET_ITEM(list, 1, PyLong_FromLong(2));
    PyList_Append(list, Py_None);
    PyList_Insert(list, 0, Py_True);
    PyList_SetSlice(list, 1, 2, list);
    PyTuple_SET_ITEM(tuple, 0, PyList_GetSlice(list, 0, 2));
    PyTuple_SET_ITEM(tuple, 1, PyTuple_Pack(2, Py_None, Py_False));
    PyDict_SetItemString(dict, "list", list);
    PyDict_SetItem(dict, tuple = PyTuple_Pack(1, Py_None), Py_True);
    PySet_Add(set, Py_None);
    long count = 0;
    while (PyDict_Next(dict, &at, &key, &value))
        count += PyDict_Contains(dict, key);
    return Py_BuildValue("(NNNNl)", list, tuple, dict, set, count);
}

static PyObject *protocols(PyObject *module, PyObject *args)
{
    PyObject *left, *right;
    if (!PyArg_UnpackTuple(args, "protocols", 2, 2, &left, &right))
        return NULL;
    PyObject *list = PyList_New(0);
    PyObject *(*const functions[])(PyObject *, PyObject *) = {PyNumber_Add, PyNumber_Multiply, PyNumber_TrueDivide, PyNumber_FloorDivide,
                                                               PyNumber_And, PyNumber_Lshift, PyObject_GetItem};
    for (size_t i = 0; i < sizeof functions / sizeof *functions; i++) {
        PyObject *result = functions[i](left, right);
        if (result == NULL) {
            PyObject *type, *value, *traceback;
            PyErr_Fetch(&type, &value, &traceback);
            PyErr_NormalizeException(&type, &value, &traceback);
            result = PyObject_Repr(value);
            Py_XDECREF(type);
            Py_XDECREF(value);
            Py_XDECREF(traceback);
        }
        PyList_Append(list, result);
        Py_DECREF(result);
    }
    return list;
}

static PyObject *call(PyObject *module, PyObject *callable)
{
    PyObject *args[] = {NULL, PyLong_FromLong(1), PyLong_FromLong(2)};
    PyObject *names = Py_BuildValue("(s)", "key");
    PyObject *result = PyList_New(0);
    PyObject *made[] = {
        PyObject_CallNoArgs(callable), PyObject_CallOneArg(callable, args[1]), PyObject_CallFunction(callable, "is", 5, "five"),
        PyObject_CallFunctionObjArgs(callable, args[1], args[2], NULL),
        PyObject_Vectorcall(callable, args + 1, 1 | PY_VECTORCALL_ARGUMENTS_OFFSET, names),
        PyObject_CallMethod(callable, "__call__", "(dd)", 1.5, -2.5),
    };
    for (size_t i = 0; i < sizeof made / sizeof *made; i++) {
        if (made[i] == NULL)
            return NULL;
        PyList_Append(result, made[i]);
        Py_DECREF(made[i]);
    }
    Py_DECREF(args[1]);
    Py_DECREF(args[2]);
    Py_DECREF(names);
    return result;
}

static PyObject *errors(PyObject *module, PyObject *which)
{
    switch (PyLong_AsLong(which)) {
    case 0: PyErr_SetNone(PyExc_KeyboardInterrupt); break;
    case 1: errno = ENOENT; return PyErr_SetFromErrnoWithFilename(PyExc_OSError, "missing.txt");
    case 2: return PyErr_Format(PyExc_ValueError, "%s %d %R", "formatted", 3, which);
    case 3: PyErr_SetObject(PyExc_KeyError, Py_BuildValue("(ii)", 1, 2)); break;
    case 4: PyErr_BadInternalCall(); break;
    case 5: return PyErr_NoMemory();
    case 6: PyErr_SetString(PyExc_LookupError, "six"); break;
    case 7: errno = EACCES; return PyErr_SetFromErrno(PyExc_OSError);
    case 8: PyErr_SetString(PyExc_StopIteration, "stop"); break;
    }
    return NULL;
}

static PyObject *iterate(PyObject *module, PyObject *object)
{
    PyObject *iterator = PyObject_GetIter(object), *item, *total = PyLong_FromLong(0);
    if (iterator == NULL)
        return NULL;
    while ((item = PyIter_Next(iterator)) != NULL) {
        Py_SETREF(total, PyNumber_Add(total, item));
        Py_DECREF(item);
        if (total == NULL)
            break;
    }
    Py_DECREF(iterator);
    return PyErr_Occurred() ? NULL : total;
}

static void capsule_end(PyObject *capsule)
{
    PySys_WriteStdout("capsule %s ends\n", PyCapsule_GetName(capsule));
}

static PyObject *capsule(PyObject *module, PyObject *unused)
{
    static int secret = 42;
    return PyCapsule_New(&secret, "exercise.secret", capsule_end);
}

static PyObject *open_capsule(PyObject *module, PyObject *object)
{
    int *secret = PyCapsule_GetPointer(object, "exercise.secret");
    return secret ? PyLong_FromLong(*secret) : NULL;
}

static PyObject *lock(PyObject *module, PyObject *callable)
{
    PyObject *result;
    PyGILState_STATE state;
    Py_BEGIN_ALLOW_THREADS
    state = PyGILState_Ensure();
    result = PyObject_CallNoArgs(callable);
    PyGILState_Release(state);
    Py_END_ALLOW_THREADS
    return result;
}

static PyObject *run(PyObject *module, PyObject *source)
{
    PyObject *names = PyDict_New();
    PyObject *result = PyRun_String(PyUnicode_AsUTF8(source), Py_file_input, names, names);
    if (result == NULL)
        return NULL;
    Py_DECREF(result);
    PyDict_DelItemString(names, "__builtins__");
    return names;
}

static PyStructSequence_Field point_fields[] = {{"x", "across"}, {"y", "up"}, {"hidden", NULL}, {NULL}};
static PyStructSequence_Desc point_description = {"exercise.Point", "A point.", point_fields, 2};

static PyMethodDef functions[] = {
    {"slots_of", slots_of, METH_O, NULL},
    {"complexes", complexes, METH_VARARGS, NULL},
    {"metaclass", metaclass, METH_VARARGS, NULL},
    {"pend", pend, METH_VARARGS, NULL},
    {"parse", parse, METH_VARARGS, "parse(...)\n\nParses."},
    {"named", (PyCFunction)(void (*)(void))named, METH_VARARGS | METH_KEYWORDS, NULL},
    {"texts", texts, METH_O, NULL},
    {"formats", formats, METH_O, NULL},
    {"integers", integers, METH_O, NULL},
    {"decimal", decimal, METH_O, NULL},
    {"containers", containers, METH_NOARGS, NULL},
    {"protocols", protocols, METH_VARARGS, NULL},
    {"call", call, METH_O, NULL},
    {"errors", errors, METH_O, NULL},
    {"iterate", iterate, METH_O, NULL},
    {"capsule", capsule, METH_NOARGS, NULL},
    {"open_capsule", open_capsule, METH_O, NULL},
    {"lock", lock, METH_O, NULL},
    {"run", run, METH_O, NULL},
    {NULL}
};

typedef struct {
    PyObject *error;
} State;

static int module_exec(PyObject *module)
{
    State *state = PyModule_GetState(module);
    PyObject *cell = PyType_FromModuleAndSpec(module, &Cell_spec, NULL);
    if (cell == NULL || PyModule_AddObject(module, "Cell", cell) < 0 || PyModule_AddType(module, &Block_Type) < 0
        || (Bag_Type.tp_base = &PySet_Type, PyModule_AddType(module, &Bag_Type)) < 0)
        return -1;
    state->error = PyErr_NewExceptionWithDoc("exercise.Error", "An error.", PyExc_ValueError, NULL);
    if (PyModule_AddObjectRef(module, "Error", state->error) < 0)
        return -1;
    PyTypeObject *point = PyStructSequence_NewType(&point_description);
    PyObject *origin = PyStructSequence_New(point);
    for (int i = 0; i < 3; i++)
        PyStructSequence_SET_ITEM(origin, i, PyLong_FromLong(i));
    PyModule_AddObject(module, "Point", (PyObject *)point);
    PyModule_AddObject(module, "origin", origin);
    return PyModule_AddIntConstant(module, "answer", 42) || PyModule_AddStringConstant(module, "name", "exercise");
}

static int module_traverse(PyObject *module, visitproc visit, void *arg)
{
    Py_VISIT(((State *)PyModule_GetState(module))->error);
    return 0;
}

static int module_clear(PyObject *module)
{
    Py_CLEAR(((State *)PyModule_GetState(module))->error);
    return 0;
}

static PyModuleDef_Slot slots[] = {{Py_mod_exec, module_exec}, {0, NULL}};
static struct PyModuleDef definition = {
    PyModuleDef_HEAD_INIT, "exercise", "A module of two phases.", sizeof(State), functions, slots, module_traverse, module_clear, NULL
};

PyMODINIT_FUNC PyInit_exercise(void)
{
    return PyModuleDef_Init(&definition);
}

/* Other modules in the same file: single-phase, and such as fail. */
static struct PyModuleDef single_definition = {PyModuleDef_HEAD_INIT, "single", "A module of one phase.", -1, functions};

PyMODINIT_FUNC PyInit_single(void)
{
    PyObject *module = PyModule_Create(&single_definition);
    PyModule_AddIntConstant(module, "one", 1);
    return module;
}

PyMODINIT_FUNC PyInit_failing(void)
{
    PyErr_SetString(PyExc_RuntimeError, "cannot start");
    return NULL;
}

PyMODINIT_FUNC PyInit_silent(void)
{
    return NULL;
}
