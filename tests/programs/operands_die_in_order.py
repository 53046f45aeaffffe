"""In which order temporary objects die: operands of every kind, cold and once the code is specialised."""
out=[]
class A:
    def __init__(self,n): self.n=n
    def __del__(self): out.append(self.n)
    def __add__(self,o): return 0
    def __iadd__(self,o): return 0
    def __eq__(self,o): return True
    def __lt__(self,o): return True
    def __contains__(self,o): return True
    def __getitem__(self,o): return 0
    def __setitem__(self,o,v): pass
    def __delitem__(self,o): pass
    def __call__(self,*a,**k): pass
    def __enter__(self): return A(8)
    def __exit__(self,*a): pass
    def __setattr__(self,n,v): self.__dict__[n]=v if n=='n' else None
    __hash__=object.__hash__
    def m(self,*a,**k): pass
    def mm(self,a,b): pass
def t(name,code,expr=True):
    c=compile(code,'x','exec')
    res=[]
    fn={}
    exec("def f():\n "+code.replace('\n','\n '),globals(),fn)
    f=fn['f']
    out.clear()
    f(); first=list(out)
    for _ in range(60): 
        out.clear(); f()
    print(name,first,'' if out==first else out)
def pf(a,b,c=None): pass
def pv(*a): pass
def pk(**k): pass
def pkk(a,*,b): pass
import operator
for n,c in {
 'add':'A(1)+A(2)','eq':'A(1)==A(2)','lt':'A(1)<A(2)','is':'A(1) is A(2)','in':'A(1) in A(2)','sub':'A(1)[A(2)]','setsub':'A(2)[A(3)]=A(1)','delsub':'del A(1)[A(2)]',
 'iadd':'x=A(1)\nx+=A(2)','call':'A(0)(A(1),A(2))','pf':'pf(A(1),A(2))','pf3':'pf(A(1),A(2),A(3))','pv':'pv(A(1),A(2))','pk':'pk(a=A(1),b=A(2))','pkk':'pkk(A(1),b=A(2))',
 'meth':'A(0).m(A(1),A(2))','meth2':'A(0).mm(A(1),A(2))','ex':'pv(*[A(1),A(2)],**{"a":A(3)}) if 0 else pv(*[A(1),A(2)])','exk':'pk(**{"a":A(1),"b":A(2)})','tuple':'(A(1),A(2))','list':'[A(1),A(2)]','dict':'{A(1):A(2),A(3):A(4)}','slice':'[1][A(1):A(2)] if 0 else slice(A(1),A(2))','setattr':'A(1).x=A(2)','fmt':'f"{A(1)!s:}{A(2)!s}" and None','isinst':'isinstance(A(1),int)','getattr':'getattr(A(1),"zz",A(2))','opadd':'operator.add(A(1),A(2))','op.is':'operator.is_(A(1),A(2))','dget':'{}.get(A(1),A(2))','lins':'[].insert(0,A(1))','with':'with A(1) as x: pass','with2':'with A(1): pass','locals':'a=A(1);b=A(2);c=A(3)','del':'a=A(1)\nb=A(2)\ndel b\ndel a','unpack':'a,b=A(1),A(2)','swap':'a,b=A(1),A(2)\na,b=b,a','star':'a,*b=[A(1),A(2),A(3)]','chain':'A(1)<A(2)<A(3)','and':'A(1) and A(2)','for':'for x in (A(1),A(2)): pass','forl':'for x in [A(1),A(2)]: pass','compr':'[x for x in [A(1),A(2)]] and None','gen':'list(x for x in [A(1),A(2)]) and None','raise':'try: raise ValueError(A(1),A(2))\nexcept ValueError as e: pass','closure':'a=A(1)\nb=A(2)\ndef q(): return a,b','lambda':'(lambda x,y: None)(A(1),A(2))','default':'def q(a=A(1),b=A(2)): pass','kwd':'def q(*,a=A(1),b=A(2)): pass','cls':'class Q:\n x=A(1)\n y=A(2)','ret':'(lambda: A(1))()','ternary':'A(1) if A(2) else 0','not':'not A(1)','expr':'A(1); A(2)','dictcomp':'{k:A(k) for k in (1,2)} and None','print':'max(A(1),A(2),A(3)) and None','sorted':'sorted([A(3),A(1),A(2)]) and None','zip':'list(zip([A(1)],[A(2)])) and None','map':'list(map(pf,[A(1)],[A(2)])) and None','lpop':'x=[A(1),A(2)]\nx.pop()\nx.clear()','dpop':'d={1:A(1),2:A(2)}\nd.pop(1)\nd.clear()','dset':'d={1:A(1)}\nd[1]=A(2)','lset':'d=[A(1)]\nd[0]=A(2)','slset':'d=[A(1),A(2),A(3)]\nd[0:2]=[A(4)]','del sl':'d=[A(1),A(2),A(3)]\ndel d[0:2]','dupd':'d={1:A(1),2:A(2)}\nd.update({1:A(3)})','setdisc':'x=A(1)\ns={x}\ndel x\ns.clear()','dictdel':'d={1:A(1),2:A(2),3:A(3)}\ndel d','obj':'class Q: pass\nq=Q()\nq.a=A(1)\nq.b=A(2)\ndel q','slots':'class Q: __slots__="a","b"\nq=Q()\nq.b=A(1)\nq.a=A(2)\ndel q','frame':'a=A(1)\ntry:\n  b=A(2)\n  1/0\nexcept ZeroDivisionError: pass','exc2':'try:\n  try: raise KeyError(A(1))\n  finally: x=A(2)\nexcept KeyError: pass','match':'match A(1):\n  case A(n=1) as y: pass','walrus':'(x:=A(1),y:=A(2)) and None','gen close':'def g():\n  a=A(1)\n  b=A(2)\n  yield a\nq=g()\nnext(q)\ndel q','strjoin':'"%s%s"%(A(1),A(2)) and None','format':'"{}{}".format(A(1),A(2)) and None','tupadd':'(A(1),)+(A(2),) and None','listmul':'[A(1)]*2 and None','dictor':'{1:A(1)}|{1:A(2)} and None','enum':'for i,x in enumerate([A(1),A(2)]): pass','typecall':'type("Q",(),{"a":A(1),"b":A(2)}) and None','int':'try: int(A(1))\nexcept TypeError: pass','badcall':'try: pf(A(1))\nexcept TypeError: pass','badcall2':'try: pf(A(1),A(2),A(3),A(4))\nexcept TypeError: pass','badcall3':'try: pk(A(1),a=A(2))\nexcept TypeError: pass','dict(':'dict(a=A(1),b=A(2)) and None','list(':'list((A(1),A(2))) and None','tuple(':'tuple([A(1),A(2)]) and None','super':'class Q(A):\n  def m(self,*a): super().m(*a)\nQ(0).m(A(1),A(2))','deco':'def d(x,y=A(1)): return x\n@d\ndef z(): pass','assert':'try:\n  assert not A(1),A(2)\nexcept AssertionError: pass'}.items():
    try: t(n,c)
    except Exception as e: print(n,type(e),e)
