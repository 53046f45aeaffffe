"""What subclasses of str, float and tzinfo answer to datetime."""
import datetime as D
class S(str):
    def __init__(s,v): pass
    def replace(self,*a):
        print('replace',a); return R
class Z(D.tzinfo):
    def utcoffset(self,d): return None
    def dst(self,d): return None
    def tzname(self,d): return S('na%me')
for R in (None,5,'q%%q',b'x'):
    try: print(D.datetime(2020,1,1,tzinfo=Z()).strftime('%Z|%%Z|%Z'))
    except BaseException as e: print(repr(e))
class F(float):
    def as_integer_ratio(s): return Q
for Q in (5,(),(1,),(1,2),(1,2,3),[1,2],(1,0),(3,2)):
    for f in (lambda:D.timedelta(3)*F(),lambda:D.timedelta(3)/F(), lambda:F()*D.timedelta(3)):
        try: print(Q,f())
        except BaseException as e: print(Q,repr(e))
