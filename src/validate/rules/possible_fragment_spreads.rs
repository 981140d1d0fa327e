//! A fragment can apply where it is spread
//! ([spec](https://spec.graphql.org/October2021/#sec-Fragment-Spread-Is-Possible)).

use super::{Report, Survey};
use crate::schema::TypeId;
use crate::validate::Violation;
use crate::validate::survey::DefinitionKind;
use crate::validate::violation::Spread;

pub(super) fn check(survey: &Survey<'_>, report: &mut Report) {
    for used in &survey.inline_fragments {
        if let Some(violation) = impossible(survey, None, used.parent, used.ty) {
            report.push(used.step, violation, [used.inline.at]);
        }
    }
    for used in &survey.spreads {
        let name = used.spread.name.text.as_str();
        let fragment = survey.fragments.get(name).and_then(|at| survey.definitions.get(*at));
        let ty = fragment.and_then(|definition| match definition.kind {
            DefinitionKind::Fragment(fragment) => survey.composite(&fragment.type_condition.text),
            DefinitionKind::Operation(..) => None,
        });
        if let Some(violation) = impossible(survey, Some(name), used.parent, ty) {
            report.push(used.step, violation, [used.spread.at]);
        }
    }
}

fn impossible(
    survey: &Survey<'_>,
    name: Option<&str>,
    parent: Option<TypeId>,
    ty: Option<TypeId>,
) -> Option<Violation> {
    let (parent, ty) = (parent?, ty?);
    (!survey.schema.overlap(parent, ty)).then(|| Violation::ImpossibleFragment {
        name: Spread(name.map(str::to_owned)),
        parent: survey.schema.get(parent).name.clone(),
        ty: survey.schema.get(ty).name.clone(),
    })
}
