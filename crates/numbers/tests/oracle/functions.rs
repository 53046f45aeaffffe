//! `math`, `cmath` and `random`.

use habu_numbers::cmath;
use habu_numbers::complex::{Complex, text};
use habu_numbers::digits::Int;
use habu_numbers::float::text::repr;
use habu_numbers::math::integers::Log;
use habu_numbers::math::sum::{ExactSum, SumError};
use habu_numbers::math::{MathError, gamma, neighbours, norm, seam};
use habu_numbers::random::MersenneTwister;

use crate::Cases;
use crate::digits::hex;
use crate::floats::literal;
use crate::random::Random;

fn failed(error: MathError) -> String {
    match error {
        MathError::Domain => format!("ValueError: {}", error.message()),
        MathError::Range => format!("OverflowError: {}", error.message()),
    }
}

#[test]
fn gamma_and_friends() {
    let mut random = Random::new(31);
    let mut cases = Cases::default();
    for round in 0..10_000 {
        let value = match round % 3 {
            0 => random.float(),
            1 => random.below(4000) as f64 / 10.0 - 200.0,
            _ => (random.bits() as f64 / 2f64.powi(64) - 0.5) * 400.0,
        };
        let x = literal(value);
        cases.add(format!("math.gamma({x})"), gamma::gamma(value).map_or_else(failed, repr));
        cases.add(format!("math.lgamma({x})"), gamma::lgamma(value).map_or_else(failed, repr));
        cases.add(format!("math.erf({x})"), repr(seam::erf(value)));
        cases.add(format!("math.erfc({x})"), repr(seam::erfc(value)));
        cases.add(format!("math.ulp({x})"), repr(neighbours::ulp(value)));
        cases.add(format!("math.cbrt({x})"), repr(seam::cbrt(value)));
        let exponentials: [Plain; 3] = [("exp2", |x| seam::exp2(x)), ("expm1", |x| seam::expm1(x)), ("exp", f64::exp)];
        for (name, function) in exponentials {
            if value.abs() < 700.0 {
                cases.add(format!("math.{name}({x})"), repr(function(value)));
            }
        }
        let plain: [Plain; 8] = [
            ("sin", f64::sin),
            ("cos", f64::cos),
            ("tan", f64::tan),
            ("atan", f64::atan),
            ("tanh", f64::tanh),
            ("asinh", |x| seam::asinh(x)),
            ("log1p", |x| seam::log1p(x)),
            ("sqrt", f64::sqrt),
        ];
        for (name, function) in plain {
            if value.is_finite() && (value >= 0.0 || !matches!(name, "log1p" | "sqrt")) {
                cases.add(format!("math.{name}({x})"), repr(function(value)));
            }
        }
        if value > 0.0 && value.is_finite() {
            cases.add(format!("math.log({x})"), repr(value.ln()));
            cases.add(format!("math.log2({x})"), repr(value.log2()));
            cases.add(format!("math.log10({x})"), repr(value.log10()));
            cases.add(format!("math.acosh({})", literal(value + 1.0)), repr(seam::acosh(value + 1.0)));
            cases.add(format!("math.atanh({})", literal(1.0 / (value + 2.0))), repr(seam::atanh(1.0 / (value + 2.0))));
        }
        let (m, e) = neighbours::frexp(value);
        cases.add(format!("math.frexp({x})"), format!("({}, {e})", repr(m)));
        let (f, w) = neighbours::modf(value);
        cases.add(format!("math.modf({x})"), format!("({}, {})", repr(f), repr(w)));
        let other = random.float();
        let y = literal(other);
        cases.add(format!("math.nextafter({x}, {y})"), repr(neighbours::nextafter(value, other)));
        let e = random.below(4000) as i64 - 2000;
        let answer = neighbours::ldexp(value, e).map_or("OverflowError: math range error".to_string(), repr);
        cases.add(format!("math.ldexp({x}, {e})"), answer);
        if value.is_finite() && other != 0.0 && !other.is_nan() {
            cases.add(format!("math.remainder({x}, {y})"), repr(seam::remainder(value, other)));
        }
        let value = random.int(40);
        for (log, name) in [(Log::Natural, "log"), (Log::Binary, "log2"), (Log::Decimal, "log10")] {
            let answer = log.of_int(value.as_signed()).map_or("ValueError: math domain error".to_string(), repr);
            cases.add(format!("math.{name}({})", hex(&value)), answer);
        }
    }
    cases.check();
}

#[test]
fn sums_and_norms() {
    let mut random = Random::new(32);
    let mut cases = Cases::default();
    for round in 0..10_000 {
        let values: Vec<f64> = (0..random.below(8))
            .map(|_| {
                if round % 4 == 0 {
                    random.float()
                } else {
                    (random.bits() as f64 - 9e18) * 2f64.powi(random.below(80) as i32)
                }
            })
            .collect();
        let list: Vec<String> = values.iter().map(|&x| literal(x)).collect();
        let list = list.join(", ");
        let mut sum = ExactSum::new();
        let answer = match values.iter().try_for_each(|&x| sum.add(x)).and_then(|()| sum.finish()) {
            Ok(value) => repr(value),
            Err(e @ SumError::Overflow) => format!("OverflowError: {}", e.message()),
            Err(e) => format!("ValueError: {}", e.message()),
        };
        cases.add(format!("math.fsum([{list}])"), answer);
        cases.add(format!("math.hypot({list})"), repr(norm::hypot(&values)));
        let others: Vec<f64> = values.iter().map(|_| random.float()).collect();
        let other: Vec<String> = others.iter().map(|&x| literal(x)).collect();
        cases.add(format!("math.dist([{list}], [{}])", other.join(", ")), repr(norm::dist(&values, &others)));
        let (a, b) = (random.below(1000) as f64 / 8.0, random.bits() as f64 / 1e18);
        cases.add(format!("math.hypot({}, {})", literal(a), literal(b)), repr(norm::hypot(&[a, b])));
    }
    cases.check();
}

type Plain = (&'static str, fn(f64) -> f64);
type Function = fn(Complex) -> cmath::Result;

#[test]
fn complex_functions() {
    let functions: [(&str, Function); 16] = [
        ("acos", cmath::acos),
        ("acosh", cmath::acosh),
        ("asin", cmath::asin),
        ("asinh", cmath::asinh),
        ("atan", cmath::atan),
        ("atanh", cmath::atanh),
        ("cos", cmath::cos),
        ("cosh", cmath::cosh),
        ("exp", cmath::exp),
        ("log", cmath::log),
        ("log10", cmath::log10),
        ("sin", cmath::sin),
        ("sinh", cmath::sinh),
        ("sqrt", cmath::sqrt),
        ("tan", cmath::tan),
        ("tanh", cmath::tanh),
    ];
    let mut random = Random::new(33);
    let mut cases = Cases::default();
    let edges = [0.0, 1.0, 1.5, 1e-320, 1e300, 1.7e308, 708.5, 709.5, 1e-160, f64::INFINITY, f64::NAN, 0.7];
    let mut points = Vec::new();
    for x in edges {
        for y in edges {
            points.extend([(x, y), (-x, y), (x, -y), (-x, -y)]);
        }
    }
    for _ in 0..2000 {
        points.push((random.float(), random.float()));
        points.push((random.bits() as f64 / 2e18 - 4.0, random.bits() as f64 / 2e18 - 4.0));
    }
    for (real, imag) in points {
        let z = Complex::new(real, imag);
        let (x, y) = (literal(real), literal(imag));
        for (name, function) in functions {
            cases.add(format!("cmath.{name}(complex({x}, {y}))"), function(z).map_or_else(failed, text::repr));
        }
        cases.add(format!("cmath.rect({x}, {y})"), cmath::rect(real, imag).map_or_else(failed, text::repr));
        let answer = cmath::polar(z).map_or_else(failed, |(r, p)| format!("({}, {})", repr(r), repr(p)));
        cases.add(format!("cmath.polar(complex({x}, {y}))"), answer);
        let base = Complex::new(random.below(4) as f64, random.below(3) as f64 - 1.0);
        let answer = cmath::log_base(z, base).map_or_else(failed, text::repr);
        cases.add(format!("cmath.log(complex({x}, {y}), complex({}, {}))", repr(base.real), repr(base.imag)), answer);
    }
    cases.check();
}

#[test]
fn random_numbers() {
    let mut random = Random::new(34);
    let mut cases = Cases::default();
    for _ in 0..200 {
        let seed = random.int(30);
        let mut generator = MersenneTwister::from_magnitude(&seed.magnitude);
        let mut answers = Vec::new();
        let mut calls = Vec::new();
        for _ in 0..40 {
            let bits = random.below(200);
            let mut out = vec![0; bits as usize / 30 + 1];
            let len = generator.bits_digits(bits, &mut out);
            out.truncate(len);
            answers.push(hex(&Int::new(false, out)));
            calls.push(format!("hex(r.getrandbits({bits}))"));
            answers.push(repr(generator.next_f64()));
            calls.push("repr(r.random())".to_string());
            let bits = random.below(65);
            answers.push(generator.bits_u64(bits as u32).to_string());
            calls.push(format!("str(r.getrandbits({bits}))"));
        }
        cases.add(
            format!("(r := random.Random({}), ' '.join([{}]))[1]", hex(&seed), calls.join(", ")),
            answers.join(" "),
        );
    }
    cases.check();
}
