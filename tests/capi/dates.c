/* An extension that uses `datetime.h`: the types, the constructors and the macros that read fields. `dates.py` calls it and prints what it gives;
   CPython and Habu must print the same. */
#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <datetime.h>

static PyObject *kinds(PyObject *module, PyObject *object)
{
    return Py_BuildValue("iiiiiiiiii", PyDate_Check(object), PyDate_CheckExact(object), PyDateTime_Check(object),
                         PyDateTime_CheckExact(object), PyTime_Check(object), PyTime_CheckExact(object), PyDelta_Check(object),
                         PyDelta_CheckExact(object), PyTZInfo_Check(object), PyTZInfo_CheckExact(object));
}

static PyObject *fields(PyObject *module, PyObject *object)
{
    if (PyDateTime_Check(object))
        return Py_BuildValue("iiiiiiiiO", PyDateTime_GET_YEAR(object), PyDateTime_GET_MONTH(object), PyDateTime_GET_DAY(object),
                             PyDateTime_DATE_GET_HOUR(object), PyDateTime_DATE_GET_MINUTE(object), PyDateTime_DATE_GET_SECOND(object),
                             PyDateTime_DATE_GET_MICROSECOND(object), PyDateTime_DATE_GET_FOLD(object),
                             PyDateTime_DATE_GET_TZINFO(object));
    if (PyDate_Check(object))
        return Py_BuildValue("iii", PyDateTime_GET_YEAR(object), PyDateTime_GET_MONTH(object), PyDateTime_GET_DAY(object));
    if (PyTime_Check(object))
        return Py_BuildValue("iiiiiO", PyDateTime_TIME_GET_HOUR(object), PyDateTime_TIME_GET_MINUTE(object),
                             PyDateTime_TIME_GET_SECOND(object), PyDateTime_TIME_GET_MICROSECOND(object),
                             PyDateTime_TIME_GET_FOLD(object), PyDateTime_TIME_GET_TZINFO(object));
    if (PyDelta_Check(object))
        return Py_BuildValue("iii", PyDateTime_DELTA_GET_DAYS(object), PyDateTime_DELTA_GET_SECONDS(object),
                             PyDateTime_DELTA_GET_MICROSECONDS(object));
    Py_RETURN_NONE;
}

static PyObject *date(PyObject *module, PyObject *args)
{
    int year, month, day;
    PyTypeObject *type = PyDateTimeAPI->DateType;
    if (!PyArg_ParseTuple(args, "iii|O!", &year, &month, &day, &PyType_Type, &type))
        return NULL;
    return PyDateTimeAPI->Date_FromDate(year, month, day, type);
}

static PyObject *moment(PyObject *module, PyObject *args)
{
    int n[7], fold = -1;
    PyObject *zone = Py_None;
    PyTypeObject *type = PyDateTimeAPI->DateTimeType;
    if (!PyArg_ParseTuple(args, "iiiiiii|OiO!", n, n + 1, n + 2, n + 3, n + 4, n + 5, n + 6, &zone, &fold, &PyType_Type, &type))
        return NULL;
    if (fold < 0)
        return PyDateTimeAPI->DateTime_FromDateAndTime(n[0], n[1], n[2], n[3], n[4], n[5], n[6], zone, type);
    return PyDateTimeAPI->DateTime_FromDateAndTimeAndFold(n[0], n[1], n[2], n[3], n[4], n[5], n[6], zone, fold, type);
}

static PyObject *clock_time(PyObject *module, PyObject *args)
{
    int n[4], fold = -1;
    PyObject *zone = Py_None;
    if (!PyArg_ParseTuple(args, "iiii|Oi", n, n + 1, n + 2, n + 3, &zone, &fold))
        return NULL;
    if (fold < 0)
        return PyDateTimeAPI->Time_FromTime(n[0], n[1], n[2], n[3], zone, PyDateTimeAPI->TimeType);
    return PyDateTimeAPI->Time_FromTimeAndFold(n[0], n[1], n[2], n[3], zone, fold, PyDateTimeAPI->TimeType);
}

static PyObject *delta(PyObject *module, PyObject *args)
{
    int days, seconds, microseconds, normalize = 1;
    if (!PyArg_ParseTuple(args, "iii|i", &days, &seconds, &microseconds, &normalize))
        return NULL;
    return PyDateTimeAPI->Delta_FromDelta(days, seconds, microseconds, normalize, PyDateTimeAPI->DeltaType);
}

static PyObject *zone(PyObject *module, PyObject *args)
{
    PyObject *offset, *name = NULL;
    if (!PyArg_ParseTuple(args, "O|O", &offset, &name))
        return NULL;
    return name ? PyTimeZone_FromOffsetAndName(offset, name) : PyTimeZone_FromOffset(offset);
}

static PyObject *stamp(PyObject *module, PyObject *args)
{
    PyObject *moment = PyDateTime_FromTimestamp(args);
    PyObject *day = moment ? PyDate_FromTimestamp(args) : NULL;
    return Py_BuildValue("NN", moment, day);
}

static PyObject *utc(PyObject *module, PyObject *unused)
{
    return Py_NewRef(PyDateTime_TimeZone_UTC);
}

static PyMethodDef functions[] = {
    {"kinds", kinds, METH_O},
    {"fields", fields, METH_O},
    {"date", date, METH_VARARGS},
    {"moment", moment, METH_VARARGS},
    {"time", clock_time, METH_VARARGS},
    {"delta", delta, METH_VARARGS},
    {"zone", zone, METH_VARARGS},
    {"stamp", stamp, METH_VARARGS},
    {"utc", utc, METH_NOARGS},
    {NULL}
};

static struct PyModuleDef definition = {PyModuleDef_HEAD_INIT, "dates", NULL, -1, functions};

PyMODINIT_FUNC PyInit_dates(void)
{
    PyDateTime_IMPORT;
    return PyDateTimeAPI ? PyModule_Create(&definition) : NULL;
}
