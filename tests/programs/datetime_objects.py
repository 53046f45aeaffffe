"""Sizes, pickles, folds and errors of the types of datetime."""
import datetime
import pickle
import sys
from datetime import date, time, timedelta, timezone, tzinfo

moment = datetime.datetime
for kind in (date, moment, time, timedelta, tzinfo, timezone):
    print(kind.__name__, kind.__basicsize__, kind.__base__.__name__)
values = [
    date(2020, 2, 29), time(1, 2, 3, 4, fold=1), time(5, tzinfo=timezone.utc), timedelta(1, 2, 3), timezone.utc,
    timezone(timedelta(hours=-3), "there"), moment(2020, 1, 2, 3, 4, 5, 6, timezone.utc, fold=1), date(2021, 1, 3).isocalendar(),
]
for value in values:
    for protocol in range(6):
        assert pickle.loads(pickle.dumps(value, protocol)) == value
    size = sys.getsizeof(value) if not isinstance(value, tuple) else None
    print(repr(value), str(value), size, pickle.dumps(value, 4)[-12:])


class Jumping(tzinfo):
    def utcoffset(self, when):
        return timedelta(hours=1 if when is not None and when.fold else 2)

    def dst(self, when):
        return timedelta(0)


zone = Jumping()
first, second = moment(2020, 1, 1, 2, tzinfo=zone), moment(2020, 1, 1, 2, fold=1, tzinfo=zone)
print(first == second, first == first.astimezone(timezone.utc), hash(first) == hash(second), (second - first).total_seconds())
print(second.astimezone(timezone.utc), timezone.utc.fromutc(first.replace(tzinfo=timezone.utc)))
for source in """
timedelta(weeks=1, days=-1, hours=1.5, milliseconds=0.0005) * 1.5 / 7
divmod(timedelta(3, 7), timedelta(hours=-5)), timedelta(1) // 7, 7 * timedelta(seconds=-1), timedelta(1) % timedelta(7, 1)
timedelta(1) / 0.1, timedelta(1) / 1e300, timedelta(microseconds=5) / 2, timedelta(microseconds=-5) / 2
timedelta(10**9)
timedelta(1e300)
timedelta.max * 1e300
date(2020, 2, 30)
date(9999, 12, 31) + timedelta(1)
date.fromisoformat("2020-W53-7"), date.fromisocalendar(2020, 53, 7)
date.fromisoformat("2020-W54")
date(1, 1, 1).ctime(), date(2020, 1, 1).strftime("%d/%m %% %f|%z|%Z|")
time.fromisoformat("T10:20:30.5+01:30"), time(1).isoformat("milliseconds")
moment.fromisoformat("20200101T1020Z"), moment.fromisoformat("2020-01-01 10:20:30,1234567-00:30")
moment.fromisoformat("2020-01-01T1")
moment(2020, 1, 1) < moment(2020, 1, 1, tzinfo=timezone.utc)
moment(2020, 1, 1) < date(2020, 1, 1)
moment(2020, 1, 1, 12, 30, 15, 7, timezone(timedelta(minutes=90))).strftime("%H:%M:%S.%f %z %Z")
moment.fromtimestamp(1e9 + 0.0000005, timezone.utc), moment.utcfromtimestamp(-1.5)
moment(1, 1, 1, tzinfo=timezone(timedelta(hours=1))).utctimetuple()
moment.strptime("2020-05-06 07:08", "%Y-%m-%d %H:%M").timetuple()[:6]
timezone(timedelta(days=1))
tzinfo().utcoffset(None)
""".strip().splitlines():
    try:
        print(eval(source))
    except Exception as error:
        print(type(error).__name__, error)
