//! Fields of one response key can be merged into one
//! ([spec](https://spec.graphql.org/October2021/#sec-Field-Selection-Merging)).
//!
//! The specification compares every pair of fields, which grows with the square of a document. Here each set of fields
//! that meet at one place of the answer is looked at once, and each field of it compared with the first alone: what is
//! equal to the first is equal to the others. The idea is Simon Adameit's ("A vastly more performant algorithm for
//! GraphQL field selection merging", 2019), which Sangria and GraphQL Java use.
//!
//! Two things are asked of a set. All its fields give values of one shape; and fields whose objects can be the same are
//! the same field with the same arguments.

use super::{Report, Survey};
use crate::schema::{TypeId, TypeKind, TypeRef};
use crate::syntax::ast::{Argument, Hole, Value, ValueKind};
use crate::validate::Violation;
use crate::validate::survey::{DefinitionKind, Item, Step};
use std::collections::{HashMap, HashSet};

pub(super) fn check(survey: &Survey<'_>, report: &mut Report) {
    let mut merge = Merge { survey, report, seen: HashSet::new(), unlike: HashSet::new() };
    let mut roots = HashSet::new();
    for definition in &survey.definitions {
        let is_operation = matches!(definition.kind, DefinitionKind::Operation(..));
        // Operations that spread the same fragments and nothing else have the same fields.
        if !is_operation || !roots.insert(merge.outline(definition.selection_set)) {
            continue;
        }
        let members = merge.expand([(None, definition.selection_set)]);
        for question in [Question::Same, Question::Shape] {
            for conflict in merge.conflicts(question, &members) {
                merge.report_at(definition.enter, conflict);
            }
        }
    }
}

/// What is asked of a set of fields.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Question {
    /// [SameResponseShape](https://spec.graphql.org/October2021/#SameResponseShape())
    Shape,
    /// The rest of [FieldsInSetCanMerge](https://spec.graphql.org/October2021/#FieldsInSetCanMerge()).
    Same,
}

/// A field of a set, and the field around it, both as places in the survey's fields.
#[derive(Debug, Clone, Copy)]
struct Member {
    field: usize,
    around: Option<usize>,
}

/// Two fields that cannot be merged, with those below them that are the reason.
#[derive(Debug)]
struct Conflict {
    pair: [Member; 2],
    reason: String,
    nodes: [Vec<usize>; 2],
}

/// Longer reasons are cut, as graphql-js cuts them.
const MOST_REASON: usize = 1_000;

/// So many fields of a set that cannot be merged are compared with all others.
const MOST_COMPARED: usize = 20;

struct Merge<'a, 's, 'r> {
    survey: &'s Survey<'a>,
    report: &'r mut Report,
    seen: HashSet<(Question, Vec<usize>)>,
    /// Fields that are known to conflict with each other: one reason is enough.
    unlike: HashSet<[usize; 2]>,
}

impl Merge<'_, '_, '_> {
    /// The conflicts in a set of fields that have not been found before.
    fn conflicts(&mut self, question: Question, members: &[Member]) -> Vec<Conflict> {
        let mut key: Vec<usize> = members.iter().map(|member| member.field).collect();
        key.sort_unstable();
        if !self.seen.insert((question, key)) {
            return Vec::new();
        }
        let mut found = Vec::new();
        for group in self.by_response_key(members) {
            match question {
                Question::Shape => self.group(question, &group, &mut found),
                Question::Same => {
                    for group in self.by_parent(&group) {
                        self.group(question, &group, &mut found);
                    }
                }
            }
        }
        found
    }

    /// Looks at fields of one response key, and at what is selected on them.
    fn group(&mut self, question: Question, group: &[Member], found: &mut Vec<Conflict>) {
        // What has no shape is like everything, so that the others need not be like each other.
        let compared: Vec<Member> = match question {
            Question::Same => group.to_vec(),
            Question::Shape => {
                group.iter().filter(|member| self.shape(member.field).is_some()).copied().collect()
            }
        };
        // What is like the first is like the others. Where something is not, others are compared for people to read.
        for (at, one) in compared.iter().enumerate().take(MOST_COMPARED) {
            for other in compared.iter().skip(at + 1) {
                let reason = match question {
                    Question::Same => self.different_fields(one.field, other.field),
                    Question::Shape => self.different_shapes(one.field, other.field),
                };
                if let Some(reason) = reason.filter(|_| self.unlike.insert([one.field, other.field])) {
                    let nodes = [vec![one.field], vec![other.field]];
                    found.push(Conflict { pair: [*one, *other], reason, nodes });
                }
            }
            if found.is_empty() {
                break;
            }
        }
        let selection_sets =
            group.iter().filter_map(|member| Some((Some(member.field), self.selection_set(member.field)?)));
        let members = self.expand(selection_sets.collect::<Vec<_>>());
        let below = self.conflicts(question, &members);
        self.lift(group, below, found);
    }

    /// Reports the conflicts within one selection set, and makes those between two the reason of one between the
    /// fields around them.
    fn lift(&mut self, group: &[Member], below: Vec<Conflict>, found: &mut Vec<Conflict>) {
        let mut between: Vec<([usize; 2], Vec<Conflict>)> = Vec::new();
        // There can be tens of thousands of pairs: each is looked up and not looked for.
        let mut places: HashMap<[usize; 2], usize> = HashMap::new();
        let members: HashMap<usize, Member> = group.iter().map(|member| (member.field, *member)).collect();
        for conflict in below {
            let around = conflict.pair.map(|member| member.around.unwrap_or_default());
            if around[0] == around[1] {
                let step = self.selection_set(around[0]).map_or(0, |place| self.step(place));
                self.report_at(step, conflict);
                continue;
            }
            let place = *places.entry(around).or_insert(between.len());
            match between.get_mut(place) {
                Some((_, conflicts)) => conflicts.push(conflict),
                None => between.push((around, vec![conflict])),
            }
        }
        for (pair, conflicts) in between {
            let [Some(one), Some(other)] = pair.map(|field| members.get(&field).copied()) else { continue };
            let reasons = conflicts.iter().map(|conflict| {
                let key = self.key(conflict.pair[0].field);
                format!("subfields \"{key}\" conflict because {}", conflict.reason)
            });
            let reason = cut(reasons.collect::<Vec<_>>().join(" and "));
            let nodes = [0, 1].map(|side| {
                let below = conflicts.iter().filter_map(|conflict| conflict.nodes.get(side)).flatten();
                pair.get(side).into_iter().chain(below).copied().collect()
            });
            found.push(Conflict { pair: [one, other], reason, nodes });
        }
    }

    /// Reports a conflict within the selection set that is entered at this step, or within a fragment of it.
    fn report_at(&mut self, step: Step, conflict: Conflict) {
        let home = conflict.pair.map(|member| self.survey.fields.get(member.field).map(|used| used.home));
        let step = home[0].filter(|_| home[0] == home[1]).map_or(step, |home| self.step(home));
        let key = cut(self.key(conflict.pair[0].field).to_owned());
        let nodes = conflict.nodes.iter().flatten().filter_map(|field| self.survey.fields.get(*field));
        let at: Vec<_> = nodes.map(|used| used.field.at).collect();
        self.report.push(step, Violation::FieldConflict { key, reason: conflict.reason }, at);
    }

    /// The fields of some selection sets with their fragments opened, each once: those of fragments behind the others.
    fn expand(&self, selection_sets: impl IntoIterator<Item = (Option<usize>, usize)>) -> Vec<Member> {
        let survey = self.survey;
        let (mut members, mut seen) = (Vec::new(), HashSet::new());
        for (around, selection_set) in selection_sets {
            let mut visited = HashSet::new();
            let mut pending = vec![selection_set];
            while let Some(items) = pending.pop().and_then(|place| survey.selection_sets.get(place)) {
                let mut spread = Vec::new();
                for item in &items.items {
                    match item {
                        Item::Field(field) if seen.insert(*field) => {
                            members.push(Member { field: *field, around });
                        }
                        Item::Field(_) => {}
                        Item::Spread(place) => {
                            let fragment = survey.fragment_of(*place).filter(|at| visited.insert(*at));
                            spread.extend(fragment.and_then(|at| survey.definitions.get(at)));
                        }
                    }
                }
                pending.extend(spread.iter().rev().map(|definition| definition.selection_set));
            }
        }
        members
    }

    /// The fields and fragments that a selection set names itself, as places.
    fn outline(&self, selection_set: usize) -> Vec<(Option<usize>, Option<usize>)> {
        let items = self.survey.selection_sets.get(selection_set).map_or(&[][..], |found| &found.items);
        let named = items.iter().map(|item| match item {
            Item::Field(field) => (Some(*field), None),
            Item::Spread(spread) => (None, self.survey.fragment_of(*spread)),
        });
        named.collect()
    }

    fn by_response_key(&self, members: &[Member]) -> Vec<Vec<Member>> {
        grouped(members, |member| self.key(member.field))
    }

    /// The fields whose objects can be the same: those of one object type, each time with those of all interfaces and
    /// unions, which any object may belong to one day.
    fn by_parent(&self, members: &[Member]) -> Vec<Vec<Member>> {
        let object = |member: &Member| {
            let parent = self.survey.fields.get(member.field)?.parent?;
            matches!(self.survey.schema.get(parent).kind, TypeKind::Object(_)).then_some(parent)
        };
        let objects: HashSet<TypeId> = members.iter().filter_map(object).collect();
        if objects.len() < 2 {
            return vec![members.to_vec()];
        }
        let objects = grouped(members, object).into_iter().filter_map(|group| group.first().and_then(object));
        let with =
            |ty: TypeId| members.iter().filter(move |member| object(member).is_none_or(|other| other == ty));
        objects.map(|ty| with(ty).copied().collect()).collect()
    }

    fn key(&self, field: usize) -> &str {
        self.survey.fields.get(field).map_or("", |used| &used.field.response_key().text)
    }

    fn selection_set(&self, field: usize) -> Option<usize> {
        self.survey.fields.get(field)?.selection_set
    }

    /// The type of a field. As in graphql-js, meta-fields have no shape: `__typename` may meet another leaf on an object of
    /// another type.
    fn shape(&self, field: usize) -> Option<&TypeRef> {
        let definition = self.survey.fields.get(field)?.definition?;
        (!definition.name.starts_with("__")).then_some(&definition.ty)
    }

    fn different_shapes(&self, one: usize, other: usize) -> Option<String> {
        let (one, other) = (self.shape(one)?, self.shape(other)?);
        let display = |ty| self.survey.schema.display(ty).to_string();
        self.shapes_differ(one, other)
            .then(|| format!("they return conflicting types \"{}\" and \"{}\"", display(one), display(other)))
    }

    fn shapes_differ(&self, one: &TypeRef, other: &TypeRef) -> bool {
        match (one, other) {
            (TypeRef::List(one), TypeRef::List(other)) | (TypeRef::NonNull(one), TypeRef::NonNull(other)) => {
                self.shapes_differ(one, other)
            }
            (TypeRef::Named(one), TypeRef::Named(other)) => {
                let is_leaf = |ty: &TypeId| self.survey.schema.get(*ty).is_leaf();
                one != other && (is_leaf(one) || is_leaf(other))
            }
            _ => true,
        }
    }

    fn step(&self, selection_set: usize) -> Step {
        self.survey.selection_sets.get(selection_set).map_or(0, |found| found.step)
    }

    fn different_fields(&mut self, one: usize, other: usize) -> Option<String> {
        let (one, other) = (self.survey.fields.get(one)?.field, self.survey.fields.get(other)?.field);
        if one.name.text != other.name.text {
            let (one, other) = (cut(one.name.text.clone()), cut(other.name.text.clone()));
            return Some(format!("\"{one}\" and \"{other}\" are different fields"));
        }
        if self.same_arguments(&one.arguments, &other.arguments) {
            return None;
        }
        Some("they have differing arguments".to_owned())
    }

    fn same_arguments(&mut self, one: &[Argument], other: &[Argument]) -> bool {
        one.len() == other.len()
            && one.iter().all(|one| {
                let same = other.iter().find(|other| other.name.text == one.name.text);
                same.is_some_and(|other| self.same_value(&one.value, &other.value))
            })
    }

    fn same_value(&mut self, one: &Value, other: &Value) -> bool {
        match (&one.kind, &other.kind) {
            (ValueKind::Int(one), ValueKind::Int(other))
            | (ValueKind::Float(one), ValueKind::Float(other))
            | (ValueKind::String(one), ValueKind::String(other)) => self.same_literal(*one, *other),
            (ValueKind::List(one), ValueKind::List(other)) => {
                one.len() == other.len()
                    && one.iter().zip(other).all(|(one, other)| self.same_value(one, other))
            }
            (ValueKind::Object(one), ValueKind::Object(other)) => {
                one.len() == other.len()
                    && one.iter().all(|(key, value)| {
                        let same = other.iter().find(|(other, _)| other.text == key.text);
                        same.is_some_and(|(_, other)| self.same_value(value, other))
                    })
            }
            (one, other) => one == other,
        }
    }

    /// Whether two literals are equal: other documents of the same shape are valid only if theirs are too.
    fn same_literal(&mut self, one: Hole, other: Hole) -> bool {
        let literal = |hole: Hole| self.survey.literals.get(hole.0 as usize);
        let same = literal(one) == literal(other);
        if same && one != other {
            self.report.assumptions.equal.push((one, other));
        }
        same
    }
}

/// The members by what `key` says of them, groups and members in order.
fn grouped<K: std::hash::Hash + Eq>(members: &[Member], key: impl Fn(&Member) -> K) -> Vec<Vec<Member>> {
    let mut groups: Vec<Vec<Member>> = Vec::new();
    let mut places = HashMap::new();
    for member in members {
        let place = *places.entry(key(member)).or_insert(groups.len());
        match groups.get_mut(place) {
            Some(group) => group.push(*member),
            None => groups.push(vec![*member]),
        }
    }
    groups
}

fn cut(mut text: String) -> String {
    if let Some((end, _)) = text.char_indices().nth(MOST_REASON) {
        text.truncate(end);
        text.push_str("...");
    }
    text
}
