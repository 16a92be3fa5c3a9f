//! Functions: they use everything else but what calls them.

use super::{Found, Marks, Resource, found};
use crate::bucket::Tags;
use crate::connection::Cloud;
use crate::error::Error;

pub(super) async fn find(cloud: &Cloud, prefix: &str, marks: Marks) -> Result<Vec<Found>, Error> {
    let mut all = Vec::new();
    for name in cloud.functions(prefix).await? {
        let tags = match marks {
            Marks::Unread => Ok(Some(Tags::new())),
            Marks::Read => cloud.find_function(&name).await.map(|there| there.map(|it| it.tags)),
        };
        all.extend(found(Resource::Function(name), tags));
    }
    Ok(all)
}
