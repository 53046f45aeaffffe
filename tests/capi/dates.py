"""Calls the extension `dates`, whose folder is the first argument, and prints what it gives."""
import datetime
import os
import sys
import time

os.environ["TZ"] = "Europe/Madrid"
time.tzset()
sys.path.insert(0, sys.argv[1])
import dates


def attempt(function, *args):
    try:
        made = function(*args)
        print(function.__name__, repr(made), type(made).__name__)
    except Exception as error:
        print(function.__name__, type(error).__name__, error, sep=": ")


class Date(datetime.date):
    pass


class Moment(datetime.datetime):
    pass


class Zone(datetime.tzinfo):
    pass


utc, hour = datetime.timezone.utc, datetime.timedelta(hours=1)
samples = [
    datetime.date(2024, 2, 29), Date(1, 1, 1), datetime.datetime(2024, 2, 29, 1, 2, 3, 4), Moment(9999, 12, 31, 23, 59, 59, 999999, utc, fold=1),
    datetime.time(1, 2, 3, 4), datetime.time(23, 59, fold=1, tzinfo=utc), datetime.timedelta(-1, 2, 3), datetime.timezone(hour), Zone(), utc, 5, None,
]
for sample in samples:
    print(repr(sample).split(" object")[0], dates.kinds(sample), dates.fields(sample))

print(dates.utc() is utc, dates.utc() is datetime.UTC, datetime.datetime_CAPI.__class__.__name__)
attempt(dates.date, 2024, 2, 29)
attempt(dates.date, 2024, 2, 30)
attempt(dates.date, 0, 1, 1)
attempt(dates.date, 2024, 13, 1, Date)
attempt(dates.date, 2024, 12, 1, Date)
attempt(dates.moment, 2024, 2, 29, 1, 2, 3, 4)
attempt(dates.moment, 2024, 2, 29, 1, 2, 3, 4, utc)
attempt(dates.moment, 2024, 2, 29, 1, 2, 3, 4, utc, 1, Moment)
attempt(dates.moment, 2024, 2, 29, 24, 2, 3, 4)
attempt(dates.moment, 2024, 2, 29, 1, 2, 3, 4, None, 2)
attempt(dates.time, 1, 2, 3, 4)
attempt(dates.time, 1, 2, 3, 4, utc)
attempt(dates.time, 1, 2, 3, 4, utc, 1)
attempt(dates.time, 1, 60, 3, 4)
attempt(dates.delta, 1, 2, 3)
attempt(dates.delta, 1, -2, -3)
attempt(dates.delta, 1, 2, 3, 0)
attempt(dates.delta, 1000000000, 0, 0)
attempt(dates.zone, hour)
attempt(dates.zone, hour, "here")
attempt(dates.zone, datetime.timedelta(0))
attempt(dates.zone, datetime.timedelta(1))
attempt(dates.stamp, 1700000000)
attempt(dates.stamp, 1700000000.5)
attempt(dates.stamp, "x")
attempt(dates.stamp)
made = dates.moment(2024, 2, 29, 1, 2, 3, 4, utc)
print(made == datetime.datetime(2024, 2, 29, 1, 2, 3, 4, utc), hash(made) == hash(made.replace()), made.isoformat(), made - hour)
