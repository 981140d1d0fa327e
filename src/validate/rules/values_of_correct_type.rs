//! A literal is a value of the type that is expected where it stands
//! ([spec](https://spec.graphql.org/October2021/#sec-Values-of-Correct-Type)).

use super::{Report, Survey};
use crate::schema::{InputObject, ScalarKind, TypeDefinition, TypeKind, TypeRef};
use crate::syntax::ast::{Hole, Name, Value, ValueKind};
use crate::validate::Violation;
use crate::validate::print::printed;
use crate::validate::report::fits;
use crate::validate::survey::ValueUse;

pub(super) fn check(survey: &Survey<'_>, report: &mut Report) {
    let mut check = Check { survey, report };
    let mut place = 0;
    while let Some(used) = survey.values.get(place) {
        place = if check.value(used) { place + 1 } else { used.end };
    }
}

struct Check<'a, 's, 'r> {
    survey: &'s Survey<'a>,
    report: &'r mut Report,
}

impl Check<'_, '_, '_> {
    /// Looks at a value; says whether the values inside of it are to be looked at.
    fn value(&mut self, used: &ValueUse<'_>) -> bool {
        if let (Some(key), Some(around), None) = (used.key, used.around, used.ty) {
            self.unknown_field(used, key, around);
        }
        let named = used.ty.map(|ty| self.survey.schema.get(ty.named()));
        match &used.value.kind {
            ValueKind::Variable(_) => true,
            ValueKind::Null => {
                if let Some(ty) = used.ty.filter(|ty| ty.is_non_null()) {
                    self.wrong(used, ty);
                }
                true
            }
            ValueKind::List(_) => {
                let is_list = used.ty.is_some_and(|ty| matches!(ty.nullable(), TypeRef::List(_)));
                if !is_list {
                    self.leaf(used);
                }
                is_list
            }
            ValueKind::Object(fields) => {
                if let Some(TypeDefinition { name, kind: TypeKind::InputObject(object), .. }) = named {
                    self.object(used, name, object, fields);
                    return true;
                }
                self.leaf(used);
                false
            }
            _ => {
                self.leaf(used);
                true
            }
        }
    }

    fn unknown_field(&mut self, used: &ValueUse<'_>, key: &Name, around: &TypeRef) {
        let around = self.survey.schema.get(around.named());
        let TypeKind::InputObject(object) = &around.kind else { return };
        if !self.report.is_full() {
            let known = object.fields.iter().map(|field| field.name.as_str());
            let suggestion = self.survey.suggestion(&key.text, known);
            let (field, ty) = (key.text.clone(), around.name.clone());
            self.report.push(used.step, Violation::UnknownInputField { field, ty, suggestion }, [key.at]);
        }
    }

    fn object(&mut self, used: &ValueUse<'_>, ty: &str, object: &InputObject, fields: &[(Name, Value)]) {
        for declared in object.fields.iter().filter(|declared| declared.is_required()) {
            if fields.iter().all(|(key, _)| key.text != declared.name) {
                let wanted = self.survey.schema.display(&declared.ty).to_string();
                let (ty, field) = (ty.to_owned(), declared.name.clone());
                self.report.push(
                    used.step,
                    Violation::MissingInputField { ty, field, wanted },
                    [used.value.at],
                );
            }
        }
        if !object.one_of {
            return;
        }
        let first = fields.first();
        let violation = match first {
            Some((key, _)) if fields.iter().all(|(other, _)| other.text == key.text) => {
                // Of equal keys, which another rule refuses, the last one counts.
                let null = fields.last().is_some_and(|(_, value)| value.kind == ValueKind::Null);
                null.then(|| Violation::NullInOneOf { ty: ty.to_owned(), field: key.text.clone() })
            }
            _ => Some(Violation::NotOneKey(ty.to_owned())),
        };
        if let Some(violation) = violation {
            self.report.push(used.step, violation, [used.value.at]);
        }
    }

    /// A value where a leaf is expected, or one that no object or list is expected of.
    fn leaf(&mut self, used: &ValueUse<'_>) {
        let Some(ty) = used.ty else { return };
        let definition = self.survey.schema.get(ty.named());
        match &definition.kind {
            TypeKind::Scalar(scalar) => self.scalar(used, scalar.kind, &definition.name),
            TypeKind::Enum(values) => {
                let violation = match &used.value.kind {
                    ValueKind::Enum(name) if values.iter().any(|value| value.name == *name) => return,
                    ValueKind::Enum(name) => {
                        let known = values.iter().map(|value| value.name.as_str());
                        let suggestion = self.survey.suggestion_of("the enum value", name, known);
                        Violation::UnknownEnumValue {
                            ty: definition.name.clone(),
                            found: name.clone(),
                            suggestion,
                        }
                    }
                    _ => {
                        let found = printed(used.value, self.survey.literals);
                        let known = values.iter().map(|value| value.name.as_str());
                        let suggestion = self.survey.suggestion_of("the enum value", &found, known);
                        Violation::NoEnumValue { ty: definition.name.clone(), found, suggestion }
                    }
                };
                self.report.push(used.step, violation, [used.value.at]);
            }
            _ => self.wrong(used, ty),
        }
    }

    fn wrong(&mut self, used: &ValueUse<'_>, ty: &TypeRef) {
        // Whether a list is wanted is not said of a list.
        let ty = if matches!(used.value.kind, ValueKind::List(_)) { ty.nullable() } else { ty };
        let ty = self.survey.schema.display(ty).to_string();
        let found = printed(used.value, self.survey.literals);
        self.report.push(used.step, Violation::WrongType { ty, found }, [used.value.at]);
    }

    fn scalar(&mut self, used: &ValueUse<'_>, scalar: ScalarKind, name: &str) {
        let is_of_form = match (scalar, &used.value.kind) {
            (ScalarKind::Int, ValueKind::Int(hole)) | (ScalarKind::DateTime, ValueKind::String(hole)) => {
                return self.text_of_scalar(used, scalar, name, *hole);
            }
            (ScalarKind::Float, ValueKind::Int(_) | ValueKind::Float(_))
            | (ScalarKind::String, ValueKind::String(_))
            | (ScalarKind::Boolean, ValueKind::Boolean(_))
            | (ScalarKind::Id, ValueKind::String(_) | ValueKind::Int(_))
            | (ScalarKind::Json, _) => true,
            _ => false,
        };
        if is_of_form {
            return;
        }
        let expected = match scalar {
            ScalarKind::Int => "Int cannot represent non-integer value",
            ScalarKind::Float => "Float cannot represent non numeric value",
            ScalarKind::Boolean => "Boolean cannot represent a non boolean value",
            ScalarKind::Id => "ID cannot represent a non-string and non-integer value",
            ScalarKind::String => "String cannot represent a non string value",
            ScalarKind::DateTime | ScalarKind::Json => return self.no_date_time(used, name),
        };
        self.refuse(used, expected);
    }

    /// A literal of the right form, whose text decides: another document of the same shape may have another.
    fn text_of_scalar(&mut self, used: &ValueUse<'_>, scalar: ScalarKind, name: &str, hole: Hole) {
        let literal = self.survey.literals.get(hole.0 as usize);
        if literal.is_some_and(|literal| fits(literal, scalar)) {
            self.report.assumptions.fit.push((hole, scalar));
        } else if scalar == ScalarKind::Int {
            self.refuse(used, "Int cannot represent non 32-bit signed integer value");
        } else {
            self.no_date_time(used, name);
        }
    }

    fn no_date_time(&mut self, used: &ValueUse<'_>, name: &str) {
        self.refuse(used, &format!("{name} cannot represent what is no RFC 3339 date-time"));
    }

    fn refuse(&mut self, used: &ValueUse<'_>, why: &str) {
        let sentence = format!("{why}: {}", printed(used.value, self.survey.literals));
        self.report.push(used.step, Violation::WrongScalar(sentence), [used.value.at]);
    }
}
