//! Listings: prefixes, delimiters and pages.

use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::Arc;

use super::object_file::Description;

/// What is asked for.
#[derive(Debug)]
pub(crate) struct Query<'a> {
    pub(crate) prefix: &'a str,
    pub(crate) delimiter: &'a str,
    pub(crate) after: &'a str,
    pub(crate) limit: usize,
}

/// One page.
#[derive(Debug, Default)]
pub(crate) struct Page {
    pub(crate) objects: Vec<Arc<Description>>,
    pub(crate) prefixes: Vec<String>,
    /// Where the next page begins, if there is one.
    pub(crate) next: Option<String>,
}

/// The page of a bucket's objects that the query asks for.
pub(crate) fn page(objects: &BTreeMap<String, Arc<Description>>, query: &Query<'_>) -> Page {
    let mut page = Page::default();
    if query.limit == 0 {
        return page;
    }
    let mut last = String::new();
    let start = if query.after < query.prefix {
        Bound::Included(query.prefix)
    } else {
        Bound::Excluded(query.after)
    };
    for (key, object) in objects.range::<str, _>((start, Bound::Unbounded)) {
        let Some(rest) = key.strip_prefix(query.prefix) else {
            break;
        };
        let group = common_prefix(query, rest);
        // The rest of a group that is shown already, here or on an earlier page.
        if group.as_ref().is_some_and(|group| {
            page.prefixes.last() == Some(group) || query.after.starts_with(group.as_str())
        }) {
            continue;
        }
        if page.objects.len() + page.prefixes.len() == query.limit {
            page.next = Some(last);
            break;
        }
        match group {
            Some(group) => {
                last.clone_from(&group);
                page.prefixes.push(group);
            }
            None => {
                last.clone_from(key);
                page.objects.push(Arc::clone(object));
            }
        }
    }
    page
}

fn common_prefix(query: &Query<'_>, rest: &str) -> Option<String> {
    if query.delimiter.is_empty() {
        return None;
    }
    let end = rest.find(query.delimiter)? + query.delimiter.len();
    Some(format!("{}{}", query.prefix, &rest[..end]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::s3::object_file::Headers;

    fn bucket(keys: &[&str]) -> BTreeMap<String, Arc<Description>> {
        let describe = |key: &str| Description {
            key: key.to_owned(),
            size: 0,
            etag: String::new(),
            modified: 0,
            headers: Headers::default(),
            metadata: BTreeMap::new(),
            checksums: BTreeMap::new(),
        };
        keys.iter().map(|key| ((*key).to_owned(), Arc::new(describe(key)))).collect()
    }

    fn walk(
        objects: &BTreeMap<String, Arc<Description>>,
        prefix: &str,
        delimiter: &str,
        limit: usize,
    ) -> Vec<String> {
        let (mut seen, mut after) = (Vec::new(), String::new());
        loop {
            let found = page(objects, &Query { prefix, delimiter, after: &after, limit });
            seen.extend(found.objects.iter().map(|object| object.key.clone()));
            seen.extend(found.prefixes);
            match found.next {
                Some(next) => after = next,
                None => return seen,
            }
        }
    }

    #[test]
    fn pages_of_any_length_show_each_key_and_group_once() {
        let objects = bucket(&["a", "b/1", "b/2", "b/c/3", "d", "e/1", "f"]);
        for limit in 1..8 {
            let mut all = walk(&objects, "", "", limit);
            assert_eq!(all, ["a", "b/1", "b/2", "b/c/3", "d", "e/1", "f"], "{limit}");
            all = walk(&objects, "", "/", limit);
            all.sort();
            assert_eq!(all, ["a", "b/", "d", "e/", "f"], "{limit}");
            all = walk(&objects, "b/", "/", limit);
            all.sort();
            assert_eq!(all, ["b/1", "b/2", "b/c/"], "{limit}");
        }
    }
}
