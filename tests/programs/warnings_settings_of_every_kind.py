"""What _warnings makes of settings, categories, registries and loaders that are not as they should be."""
import _warnings, warnings, sys, io
def t(*a,**k):
    f=k.pop('f',_warnings.warn_explicit)
    reg=k.get('registry')
    try: print('ok', f(*a,**k), reg)
    except BaseException as e: print(type(e).__name__, e, reg)
sys.stderr=sys.stdout
t(None,None,'f',1); t(None,Warning,'f',1,registry=42); t('x',UserWarning,'f',1,registry={}); t('x',UserWarning,'f',1,None,{}); t('x',UserWarning,'f',1,registry=[])
t('x',int,'f',1); t('x',5,'f',1); t('x',UserWarning,'f','a'); t(UserWarning('a'),None,'f',3); t(5,UserWarning,'f',3)
t('x',UserWarning,'f',1,module=None); t('x',UserWarning,'f',1,module=5);t('x',UserWarning,'f',1,module_globals=5); t('x',UserWarning,'f',1,module_globals={})
class L:
    def get_source(self,n): return 'a\nb'
t('x1',UserWarning,'f',2,module_globals={'__loader__':L(),'__name__':'q'}); t('x',UserWarning,'f',9,module_globals={'__loader__':L(),'__name__':'q'});t('x',UserWarning,'f',0,module_globals={'__loader__':L(),'__name__':'q'})
sm=warnings._showwarnmsg; del warnings._showwarnmsg
t('x2',UserWarning,'f',2,module_globals={'__loader__':L(),'__name__':'q'})
warnings._showwarnmsg=5
t('x4',UserWarning,'f',2)
warnings._showwarnmsg=sm
sav=warnings.filters
for fl in [[5],[(1,2)],(),None,[(None,None,Warning,None,0)],[(5,None,Warning,None,0)],[('bad',None,Warning,None,0)],[('error',None,5,None,0)],[('error',None,Warning,None,'a')],[('error',5,Warning,None,0)],[('error','x',Warning,None,0)],[('error',None,Warning,'f',0)],[('error',None,Warning,None,1)]]:
    warnings.filters=fl; t('x',UserWarning,'f',1)
warnings.filters=[]
for da in (None,5,'bad','error','ignore','once','module','default','always'):
    warnings.defaultaction=da
    for r in (None,{}):
        t('y%s'%da,UserWarning,'f',1,registry=r);t('y%s'%da,UserWarning,'f',1,registry=r)
        t('y%s'%da,UserWarning,'f',2,registry=r)
warnings.defaultaction='once'
for o in (None,5,[],{}):
    warnings.onceregistry=o; t('z',UserWarning,'f',1); t('z',UserWarning,'f',1); print(o)
del warnings.onceregistry; t('z',UserWarning,'f',1)
warnings.onceregistry={}; t('z',UserWarning,'f',1)
warnings.defaultaction='default'
del warnings.defaultaction; t('z',UserWarning,'f',1)
del warnings.filters; t('z',UserWarning,'f',1)
warnings.filters=sav
for a in [('x',5),('x',int),(5,),(UserWarning('q'),5),('x',None,'a'),('x',UserWarning,1,5)]:
    t(*a,f=_warnings.warn)
