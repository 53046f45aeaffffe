//! The method resolution order: C3 linearisation, and which of several bases the layout comes from.

use habu_heap::Buffer;

use crate::object::typeobject::flags;
use crate::object::{Object, Raised, Ref, Type};
use crate::raise;
use crate::types::tuple::Tuple;

/// The order by C3 over the bases, starting with `ty` itself.
pub fn linearise(ty: &Type) -> Result<Ref<Tuple>, Raised> {
    let Some(bases) = ty.tp_bases.get() else {
        return Err(raise!(SystemError, "type without bases"));
    };
    if let [only] = bases.as_slice() {
        // One base: its order with the type in front.
        let mro = mro_of(only)?;
        return Tuple::build(mro.len() + 1, |index| match index {
            0 => Ok(ty.to_ref()),
            _ => Ok(mro.as_slice()[index - 1].clone()),
        });
    }
    for (index, base) in bases.as_slice().iter().enumerate() {
        if bases.as_slice()[..index].iter().any(|other| other.is(base)) {
            let name = base.downcast::<Type>().map_or("?", Type::name);
            return Err(raise!(TypeError, "duplicate base class {name}"));
        }
    }
    let mut sequences = Buffer::<Ref<Tuple>>::new();
    for base in bases.as_slice() {
        sequences.push(mro_of(base)?)?;
    }
    sequences.push(bases.clone())?;
    let mut positions = Buffer::<usize>::new();
    positions.resize(sequences.len(), 0)?;
    let mut order = Buffer::<Ref>::new();
    order.push(ty.to_ref())?;
    loop {
        let in_tail = |candidate: &Object| {
            sequences
                .iter()
                .zip(positions.iter())
                .any(|(sequence, at)| sequence.as_slice().iter().skip(at + 1).any(|other| other.is(candidate)))
        };
        let mut open = sequences.iter().zip(positions.iter()).filter_map(|(sequence, at)| sequence.as_slice().get(*at));
        let mut any = false;
        let next = open.find(|candidate| {
            any = true;
            !in_tail(candidate)
        });
        let Some(next) = next.cloned() else {
            if any {
                return Err(conflict(&sequences, &positions));
            }
            return Tuple::from_slice(&order);
        };
        for (sequence, at) in sequences.iter().zip(positions.iter_mut()) {
            if sequence.as_slice().get(*at).is_some_and(|first| first.is(&next)) {
                *at += 1;
            }
        }
        order.push(next)?;
    }
}

fn mro_of(base: &Object) -> Result<Ref<Tuple>, Raised> {
    match base.downcast::<Type>() {
        Some(base) => match base.tp_mro.get() {
            Some(mro) => Ok(mro),
            None => Err(raise!(TypeError, "Cannot extend an incomplete type '{}'", base.full_name())),
        },
        None => Err(raise!(TypeError, "bases must be types")),
    }
}

fn conflict(sequences: &[Ref<Tuple>], positions: &[usize]) -> Raised {
    let mut names: Vec<String> = vec![];
    for (sequence, at) in sequences.iter().zip(positions) {
        if let Some(first) = sequence.as_slice().get(*at) {
            let name = first.downcast::<Type>().map_or("?", Type::name).to_owned();
            if !names.contains(&name) {
                names.push(name);
            }
        }
    }
    raise!(TypeError, "Cannot create a consistent method resolution\norder (MRO) for bases {}", names.join(", "))
}

/// The base whose instances' layout the others' extend, and the type that adds the last fields to it.
pub fn best_base(bases: &Tuple) -> Result<Ref<Type>, Raised> {
    let mut winner: Option<(Ref<Type>, Ref<Type>)> = None;
    for base in bases.as_slice() {
        let Some(candidate) = base.downcast::<Type>() else {
            return Err(raise!(TypeError, "bases must be types"));
        };
        // One that is being readied right now has no order yet, which `linearise` refuses.
        if candidate.tp_flags.get() & (flags::READY | flags::READYING) == 0 {
            super::ready::ready(candidate)?;
        }
        if !candidate.has_flag(flags::BASETYPE) {
            return Err(raise!(TypeError, "type '{}' is not an acceptable base type", candidate.full_name()));
        }
        let solid = solid_base(candidate);
        winner = match winner {
            None => Some((Ref::from_borrowed(candidate), solid)),
            Some((base, winning)) if winning.is_subtype(&solid) => Some((base, winning)),
            Some((_, winning)) if solid.is_subtype(&winning) => Some((Ref::from_borrowed(candidate), solid)),
            Some(_) => return Err(raise!(TypeError, "multiple bases have instance lay-out conflict")),
        };
    }
    winner.map(|(base, _)| base).ok_or_else(|| raise!(SystemError, "type without bases"))
}

/// The type in the chain of bases that last added fields of its own, dictionary and weak references not counted.
pub fn solid_base(ty: &Type) -> Ref<Type> {
    let base = match ty.tp_base.get() {
        Some(base) => solid_base(&base),
        None => return Ref::from_borrowed(<Object as crate::object::PyType>::type_object()),
    };
    if adds_fields(ty, &base) { Ref::from_borrowed(ty) } else { base }
}

fn adds_fields(ty: &Type, base: &Type) -> bool {
    let mut size = ty.tp_basicsize.get();
    if ty.tp_itemsize.get() != 0 || base.tp_itemsize.get() != 0 {
        return size != base.tp_basicsize.get() || ty.tp_itemsize.get() != base.tp_itemsize.get();
    }
    if ty.has_flag(flags::HEAPTYPE) {
        if ty.tp_weaklistoffset.get() > 0 && base.tp_weaklistoffset.get() == 0 && ty.tp_weaklistoffset.get() + 8 == size
        {
            size -= 8;
        }
        if ty.tp_dictoffset.get() > 0 && base.tp_dictoffset.get() == 0 && ty.tp_dictoffset.get() + 8 == size {
            size -= 8;
        }
        if ty.tp_weaklistoffset.get() > 0 && base.tp_weaklistoffset.get() == 0 && ty.tp_weaklistoffset.get() + 8 == size
        {
            size -= 8;
        }
    }
    size != base.tp_basicsize.get()
}

/// The order of a type: what its metatype's `mro()` gives where that is overridden, else by C3.
pub fn resolve(ty: &Type) -> Result<Ref<Tuple>, Raised> {
    let metatype = ty.type_ref();
    if std::ptr::eq(&*metatype, <Type as crate::object::PyType>::type_object()) {
        return linearise(ty);
    }
    let name = crate::id!(mro);
    let overridden = match (metatype.lookup(name), <Type as crate::object::PyType>::type_object().lookup(name)) {
        (Some(own), Some(base)) => !own.is(&base),
        _ => false,
    };
    if !overridden {
        return linearise(ty);
    }
    let order = crate::object::protocol::call_method(ty, name, &[])?;
    let order = crate::object::protocol::sequence::to_tuple(&order)?;
    let solid = solid_base(ty);
    for class in order.as_slice() {
        let Some(class) = class.downcast::<Type>() else {
            return Err(raise!(TypeError, "mro() returned a non-class ('{}')", class.ty().full_name()));
        };
        if !solid.is_subtype(&solid_base(class)) {
            return Err(raise!(TypeError, "mro() returned base with unsuitable layout ('{}')", class.full_name()));
        }
    }
    Ok(order)
}
