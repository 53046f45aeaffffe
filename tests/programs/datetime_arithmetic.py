"""Dates, times, deltas, formats."""
from datetime import *
d = date(2024, 2, 29); print(d, d + timedelta(365), d.replace(month=1), d.weekday(), tuple(d.isocalendar()), d.strftime("%A %d %b %Y %j"), d.toordinal(), date.fromisoformat("2023-12-31"), date.max - date.min, d.timetuple()[:3])
t = datetime(2024, 1, 1, 12, 30, 15, 500, tzinfo=timezone.utc); print(t, t.isoformat(), t - timedelta(hours=13), t.astimezone(timezone(timedelta(hours=5, minutes=30))), t.timestamp(), datetime.strptime("01/02/23 04:05", "%d/%m/%y %H:%M"), datetime.fromisoformat("2011-11-04T00:05:23+04:00"), repr(t))
x = timedelta(days=1, seconds=-1, microseconds=5); print(x, repr(x), x.total_seconds(), x * 2, x / 2, x // timedelta(seconds=7), abs(-x), -x, time(1, 2, 3), time(1) < time(2), timedelta(0) == timedelta(), bool(timedelta()))
for f in (lambda: datetime(1, 1, 1) - t, lambda: date(2020, 1, 1) < 5, lambda: timedelta(10 ** 10), lambda: time(25)):
    try: print(f())
    except Exception as e: print(type(e).__name__)
