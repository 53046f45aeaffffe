//! `#[signature(a, /, b = 1, *, c = None)]`: the parameters as Python sees them.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote};
use syn::parse::{Parse, ParseStream};
use syn::{Expr, Ident, Token};

/// One parameter.
pub(crate) struct Parameter {
    pub(crate) name: String,
    pub(crate) default: Option<Expr>,
}

/// All parameters.
#[derive(Default)]
pub(crate) struct Signature {
    pub(crate) parameters: Vec<Parameter>,
    /// How many of them are positional only.
    pub(crate) positional_only: usize,
    /// How many of them may be positional, the former included.
    pub(crate) positional: usize,
    /// The name of `*args`.
    pub(crate) varargs: Option<String>,
}

impl Parse for Signature {
    fn parse(input: ParseStream<'_>) -> syn::Result<Signature> {
        let mut signature = Signature::default();
        let mut keyword_only = false;
        while !input.is_empty() {
            if input.parse::<Option<Token![/]>>()?.is_some() {
                signature.positional_only = signature.parameters.len();
            } else if input.parse::<Option<Token![*]>>()?.is_some() {
                keyword_only = true;
                signature.positional = signature.parameters.len();
                if input.peek(Ident) {
                    signature.varargs = Some(input.parse::<Ident>()?.to_string());
                }
            } else {
                let name = input.call(syn::ext::IdentExt::parse_any).map(|ident: Ident| ident.to_string())?;
                let default = match input.parse::<Option<Token![=]>>()? {
                    Some(_) => Some(input.parse::<Expr>()?),
                    None => None,
                };
                signature
                    .parameters
                    .push(Parameter { name: name.trim_start_matches("r#").trim_end_matches('_').to_owned(), default });
            }
            if !input.is_empty() {
                input.parse::<Token![,]>()?;
            }
        }
        if !keyword_only {
            signature.positional = signature.parameters.len();
        }
        Ok(signature)
    }
}

impl Signature {
    /// The signature of a function without the attribute: all parameters are required and positional only.
    pub(crate) fn positional_only(names: Vec<String>) -> Signature {
        let count = names.len();
        let parameters = names
            .into_iter()
            .map(|name| Parameter { name: name.trim_matches('_').to_owned(), default: None })
            .collect();
        Signature { parameters, positional_only: count, positional: count, varargs: None }
    }

    /// Whether it takes exactly this many positional-only arguments and nothing else.
    pub(crate) fn is_plain(&self, count: usize) -> bool {
        self.parameters.len() == count
            && self.positional_only == count
            && self.varargs.is_none()
            && self.parameters.iter().all(|parameter| parameter.default.is_none())
    }

    /// Whether any parameter may be given by name.
    pub(crate) fn takes_keywords(&self) -> bool {
        self.positional_only < self.parameters.len()
    }

    /// `name($self, a, /, b=1)` followed by the marker, as the first lines of the docstring.
    pub(crate) fn text(&self, name: &str, receiver: &str) -> String {
        let mut parts = vec![];
        if !receiver.is_empty() {
            parts.push(format!("${receiver}"));
        }
        if self.positional_only == 0 && !receiver.is_empty() {
            parts.push("/".into());
        }
        for (index, parameter) in self.parameters.iter().enumerate() {
            if index == self.positional {
                parts.push(format!("*{}", self.varargs.clone().unwrap_or_default()));
            }
            parts.push(match &parameter.default {
                Some(default) => format!("{}={}", parameter.name, python_text(default)),
                None => parameter.name.clone(),
            });
            if index + 1 == self.positional_only {
                parts.push("/".into());
            }
        }
        if self.positional == self.parameters.len()
            && let Some(varargs) = &self.varargs
        {
            parts.push(format!("*{varargs}"));
        }
        format!("{name}({})\n--\n\n", parts.join(", "))
    }

    /// The static `Signature` of the runtime.
    pub(crate) fn table(&self, function: &impl ToTokens, words: &TokenStream) -> TokenStream {
        let names = self.parameters.iter().map(|parameter| &parameter.name);
        let required = self.parameters.iter().map(|parameter| parameter.default.is_none());
        let (positional_only, positional, varargs) = (self.positional_only, self.positional, self.varargs.is_some());
        quote! {
            ::habu_runtime::object::args::Signature {
                function: #function,
                names: &[#(#names),*],
                required: &[#(#required),*],
                positional_only: #positional_only,
                positional: #positional,
                varargs: #varargs,
                words: #words,
            }
        }
    }
}

/// A Rust default as Python writes it.
fn python_text(default: &Expr) -> String {
    // `omitted("text")`: no argument, which the signature shows as this text.
    if let Expr::Call(call) = default
        && call.func.to_token_stream().to_string() == "omitted"
        && let Some(Expr::Lit(syn::ExprLit { lit: syn::Lit::Str(shown), .. })) = call.args.first()
    {
        return shown.value();
    }
    let text = default.to_token_stream().to_string();
    match text.as_str() {
        "true" => "True".into(),
        "false" => "False".into(),
        "None" => "None".into(),
        "isize :: MAX" => "sys.maxsize".into(),
        _ if text.starts_with('-') => text.replace(' ', ""),
        _ if text.parse::<f64>().is_ok() || text.starts_with('"') => text.replace('"', "'"),
        _ => "<unrepresentable>".into(),
    }
}

/// A C string literal.
pub(crate) fn c_string(text: &str) -> TokenStream {
    let bytes = std::ffi::CString::new(text.replace('\0', "")).unwrap_or_default();
    let literal = syn::LitCStr::new(&bytes, Span::call_site());
    quote!(#literal)
}
