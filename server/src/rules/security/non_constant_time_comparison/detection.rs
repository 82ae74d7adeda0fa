//! Whether a comparison is one of secrets, and of which.

use super::condition::Condition;
use super::enclosing::{EnclosingCode, is_cryptographic};
use super::operands::{Operand, bare, type_authenticator};
use super::own::is_own;
use crate::analysis::{Confidence, Severity};
use crate::semantics::secrets::{
    Authenticator, AuthenticatorKind, authenticator, decides_access, is_authenticating,
    is_expectation, is_label, is_password_policy,
};
use crate::semantics::shape::{Binding, Kind, Shape, binding};
use crate::syntax::ast::{self, HasArgList};
use crate::syntax::names::{has_any_word, words};
use crate::syntax::{AstNode, SyntaxNode};

/// Words of collections whose keys or elements are secrets.
const COLLECTION_WORDS: &[&str] =
    &["apikeys", "credentials", "keys", "passwords", "secrets", "sessions", "tokens"];

/// Words of collections whose elements grant something.
const GRANTING_WORDS: &[&str] = &[
    "accepted", "active", "admin", "allowed", "api", "authorized", "issued", "known", "live",
    "trusted", "valid",
];

/// Words of collections whose elements grant nothing any more.
const SPENT_WORDS: &[&str] = &[
    "banned", "blacklist", "blacklisted", "blocked", "denied", "expired", "forbidden", "invalid",
    "rejected", "revoked", "seen", "used",
];

/// Words of keys, certificates and peers.
const KEY_HOLDERS: &[&str] = &["cert", "certificate", "host", "key", "peer", "pinned", "tls"];

/// A secret that is compared.
pub struct ComparedSecret {
    pub name: String,
    /// Why the comparison is only worth a note.
    pub lowered: Option<&'static str>,
    /// Where it is another one than the rule's.
    pub severity: Option<Severity>,
    pub confidence: Confidence,
    pub condition: Condition,
}

/// The secret that two operands compare, if any.
pub fn compared_secret(
    left: &ast::Expr,
    right: &ast::Expr,
    code: &EnclosingCode<'_>,
) -> Option<ComparedSecret> {
    if code.in_assertion || code.delays_failure() {
        return None;
    }
    let (left, right) = (Operand::new(left, code), Operand::new(right, code));
    if left.is_public || right.is_public {
        return None;
    }
    if code.in_partial_eq {
        return type_equality(&left, &right, code);
    }
    // A side whose own name tells all comes before one that tells it by what it was made of.
    let tells = |(told, name): &(Authenticator, String)| {
        (told.strong, authenticator(name, &code.file.secret_names).is_some_and(|it| it.strong))
    };
    let (best, other) = match (&left.authenticator, &right.authenticator) {
        (Some(a), Some(b)) if tells(b) > tells(a) => (&right, &left),
        (None, _) => (&right, &left),
        _ => (&left, &right),
    };
    let Some((told, name)) = &best.authenticator else {
        let name = told_by_function(&left, &right, code)?;
        let mut found = found(&name, false, &[&left, &right], code);
        found.condition.needs_data = true;
        // No name of a value says that it is a secret.
        found.severity = Some(Severity::Medium);
        return Some(found);
    };
    if is_own(told.kind, &left, &right, code) {
        return None;
    }
    // A label stands for a secret, and a name or an id is compared with no secret.
    let is_label = |it: &Operand| it.constant.is_some() && it.any_name(is_label);
    if other.is_named_public() || is_label(other) || best.is_named_public() && !told.strong {
        return None;
    }
    // What is compared with a constant that is no secret is none.
    if [best, other].iter().any(|it| it.constant.is_some() && it.authenticator.is_none()) {
        return None;
    }
    if !told.strong && !is_supported(told.kind, best, other, code) {
        return None;
    }
    let mut found = found(name, told.strong, &[&left, &right], code);
    if matches!(told.kind, AuthenticatorKind::Mac | AuthenticatorKind::Signature) {
        // They are compared to check what they stand for.
        found.condition.holders = None;
    }
    lower(&mut found, told, name, [best, other], code);
    Some(found)
}

/// Says where a comparison is only worth a note, and why.
fn lower(
    found: &mut ComparedSecret,
    told: &Authenticator,
    name: &str,
    [best, other]: [&Operand; 2],
    code: &EnclosingCode<'_>,
) {
    let is_hash =
        |it: &Operand| it.any_name(|name| has_any_word(name, &["digest", "hash", "hashed"]));
    let is_password = |name: &str| has_any_word(name, &["pass", "passwd", "password", "pw", "pwd"]);
    let is_password_hash = |it: &Operand| {
        it.any_name(|name| is_password(name) && has_any_word(name, &["digest", "hash", "hashed"]))
    };
    let of_password = told.kind == AuthenticatorKind::Digest && is_password(name)
        || is_password_hash(best)
        || is_password_hash(other);
    if told.kind == AuthenticatorKind::Fingerprint {
        found.lowered = Some("fingerprints are mostly public");
    } else if [best, other]
        .iter()
        .any(|it| it.any_name(|name| has_any_word(name, &["csrf", "xsrf"])))
    {
        found.lowered = Some("both sides come from the same client");
    } else if best.comes_with_request && other.comes_with_request {
        found.lowered = Some("both sides come with the request");
    } else if (is_hash(best) && is_hash(other) || of_password) && !best.is_keyed && !other.is_keyed
    {
        found.lowered = Some("a guess does not decide how a hash begins");
        // A fast hash of a password is wrong in another way as well.
        if !of_password {
            found.confidence = Confidence::Possible;
        }
    } else if code.serves_own_machine() {
        found.lowered = Some("the server listens for its own machine");
    }
}

fn found(
    name: &str,
    strong: bool,
    operands: &[&Operand],
    code: &EnclosingCode<'_>,
) -> ComparedSecret {
    let shapes = operands.iter().filter_map(|it| it.shape.clone()).collect();
    let constants = operands.iter().filter_map(|it| it.constant.clone()).collect();
    let holders = match operands {
        [left, right] if !code.decides_access() => match (&left.field, &right.field) {
            (Some((_, one, left)), Some((_, other, right))) if one == other => {
                Some([left.clone(), right.clone()])
            }
            _ => None,
        },
        _ => None,
    };
    let names = code.file.secret_names.clone();
    let condition = Condition { shapes, strong, constants, holders, names, ..Condition::default() };
    ComparedSecret {
        name: name.to_string(),
        severity: None,
        lowered: None,
        confidence: Confidence::Likely,
        condition,
    }
}

/// Neither side has a telling name: the function must say what this is about.
fn told_by_function(left: &Operand, right: &Operand, code: &EnclosingCode<'_>) -> Option<String> {
    let sides = [left, right];
    if sides.iter().any(|it| !it.is_nameless() || it.constant.is_some()) {
        return None;
    }
    let function = code.functions.first()?;
    let is_about = |it: &str| words(it).any(|word| is_secret_noun(&word));
    let by_function = decides_access(function) && is_about(function);
    let by_owner = code.decides_access() && code.owner.as_deref().is_some_and(is_authenticating);
    if !by_function && !by_owner {
        return None;
    }
    let mut names = sides.iter().flat_map(|it| &it.names);
    let expected = names.find(|it| is_expectation(it)).cloned();
    // A code or a hash that was made here, or a value that is called the expected one.
    let is_made = |side: &Operand| {
        matches!(side.shape, Some(Shape::Method(..) | Shape::Call(..))) && !side.is_presented
    };
    let told = expected.is_some() || sides.iter().any(|it| is_made(it));
    told.then(|| expected.unwrap_or_else(|| function.clone()))
}

/// Whether a name that means other things as well is that of a proof here.
fn is_supported(
    kind: AuthenticatorKind,
    best: &Operand,
    other: &Operand,
    code: &EnclosingCode<'_>,
) -> bool {
    let expected = other.any_name(is_expectation) || best.any_name(is_expectation);
    let same = other.authenticator.as_ref().is_some_and(|(it, _)| it.kind == kind);
    let paired = same || expected || other.is_keyed;
    let requested = best.comes_with_request || other.comes_with_request;
    let presented = best.is_presented || other.is_presented || requested;
    let decides = code.decides_access();
    match kind {
        // `Tokens` may belong to a parser, but not where cryptographic code verifies them.
        AuthenticatorKind::Token | AuthenticatorKind::Secret if code.parses && !requested => {
            code.file.critical && decides
        }
        // Two bare tokens may be of one list.
        AuthenticatorKind::Token | AuthenticatorKind::Secret => {
            let is_security = code.file.critical || code.is_authenticating();
            decides || expected || other.is_keyed || same && (presented || is_security)
        }
        AuthenticatorKind::Key => decides && paired && !code.parses,
        AuthenticatorKind::Fingerprint => {
            let of_key = |it: &str| has_any_word(it, KEY_HOLDERS);
            let of_two = best.field.is_some() && other.field.is_some();
            of_two && code.owner.as_deref().is_some_and(of_key) && !decides
        }
        AuthenticatorKind::Mac => {
            // Texts and HTTP have tags as well.
            let is_mac = best.any_name(|it| words(it).any(|word| word == "mac"));
            let is_bytes = [best, other].iter().any(|it| is_bytes_of_mac(it));
            let told = expected || presented || is_bytes || code.file.critical;
            decides || is_cryptographic(code) || other.is_keyed || is_mac && told
        }
        AuthenticatorKind::Signature | AuthenticatorKind::Digest | AuthenticatorKind::Code => {
            let verifies = ["verify", "validate"];
            let is_digest = kind == AuthenticatorKind::Digest;
            let is_check = code.functions.first().is_some_and(|it| verifies.contains(&it.as_str()));
            decides || paired && is_check || other.is_keyed || is_digest && other.is_presented
        }
    }
}

/// Whether a value is of bytes, and not of the six of a network card's address.
fn is_bytes_of_mac(operand: &Operand) -> bool {
    let ty = operand.shape.as_ref().and_then(|it| it.resolve(None));
    operand.shape.as_ref().is_some_and(|it| it.kind(None) == Some(Kind::Bytes))
        && ty.is_some_and(|it| !it.ends_with("[u8;6]"))
}

/// In `PartialEq` for a type only the type says whether the comparison is one of secrets.
fn type_equality(
    left: &Operand,
    right: &Operand,
    code: &EnclosingCode<'_>,
) -> Option<ComparedSecret> {
    let owner = code.owner.as_deref()?;
    type_authenticator(owner, code.file)?;
    // Other fields of such a type may be known to all.
    if !left.is_nameless() && left.authenticator.is_none() {
        return None;
    }
    let name = owner.split('<').next().unwrap_or(owner);
    let mut found = found(name, true, &[left, right], code);
    found.condition.holders = None;
    // Who compares values of the type is not known here.
    found.severity = Some(Severity::Low);
    found.confidence = Confidence::Possible;
    Some(found)
}

/// A look-up by the secret itself, in a set or among the keys of a map.
pub fn looked_up_secret(
    receiver: &ast::Expr,
    argument: &ast::Expr,
    code: &EnclosingCode<'_>,
) -> Option<ComparedSecret> {
    let argument = Operand::new(argument, code);
    let (told, name) = argument.authenticator.as_ref().filter(|_| !argument.is_public)?;
    let is_secret = matches!(
        told.kind,
        AuthenticatorKind::Secret
            | AuthenticatorKind::Key
            | AuthenticatorKind::Token
            | AuthenticatorKind::Mac
            | AuthenticatorKind::Code
    );
    // A constant is the name of what is looked up.
    let is_name = argument.constant.is_some();
    if code.in_assertion || !is_secret || is_name || code.judges_passwords() {
        return None;
    }
    let receiver = Operand::new(receiver, code);
    let of = receiver.names.first().filter(|_| receiver.constant.is_none())?;
    let is_own = receiver.is_restated() || code.sets_or_removes(&[&receiver.text]);
    if has_any_word(of, SPENT_WORDS) || is_password_policy(of) || is_own {
        return None;
    }
    // The collection must be one of secrets: text is searched for words with the same methods.
    let of_secrets = has_any_word(of, COLLECTION_WORDS);
    let grants = has_any_word(of, GRANTING_WORDS) || code.is_authenticating();
    let certain = told.strong || !code.parses && (code.decides_access() || grants);
    (of_secrets && certain).then(|| found(name, told.strong, &[&argument], code))
}

/// `header.ends_with(token)`.
pub fn secret_affix(
    receiver: &ast::Expr,
    argument: &ast::Expr,
    code: &EnclosingCode<'_>,
) -> Option<ComparedSecret> {
    let argument = Operand::new(argument, code);
    let (told, name) = argument.authenticator.as_ref().filter(|_| !argument.is_public)?;
    if code.in_assertion || !told.strong || code.judges_passwords() {
        return None;
    }
    let receiver = Operand::new(receiver, code);
    // A line or a path is searched, a header or another secret is checked.
    let checked = receiver.authenticator.is_some() || receiver.is_presented;
    (checked && code.decides_access()).then(|| found(name, true, &[&argument], code))
}

/// The operands of `zip` when the comparison is that of their elements:
/// `a.iter().zip(b).all(|(x, y)| x == y)`.
pub fn zipped(
    left: &ast::Expr,
    right: &ast::Expr,
    around: &[SyntaxNode],
) -> Option<(ast::Expr, ast::Expr)> {
    let element = |expr: &ast::Expr| match bare(expr) {
        ast::Expr::PathExpr(it) => match binding(&it.syntax().text().to_string(), around)? {
            Binding::Element(ast::Expr::MethodCallExpr(call))
            | Binding::Part(ast::Expr::MethodCallExpr(call)) => Some(call),
            _ => None,
        },
        _ => None,
    };
    let (first, second) = (element(left)?, element(right)?);
    let is_zip = first.name_ref().is_some_and(|it| it.text() == "zip");
    if !is_zip || first != second {
        return None;
    }
    Some((first.receiver()?, first.arg_list()?.args().next()?))
}

/// Words of the names of authenticators.
const SECRET_NOUNS: &[&str] = &[
    "apikey", "code", "cookie", "hash", "hmac", "key", "mac", "otp", "passcode", "passphrase",
    "passwd", "password", "pin", "secret", "sig", "signature", "signed", "tag", "token", "totp",
];

fn is_secret_noun(word: &str) -> bool {
    SECRET_NOUNS.contains(&word)
}
