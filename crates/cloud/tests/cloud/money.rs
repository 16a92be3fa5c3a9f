//! What watches over money: a budget and a billing alarm, made first and removed last.

use photofinish_cloud::{AlarmSpec, BudgetSpec, Owned, Resource, Sort, Subscription, Tags};

use crate::against_moto::connect;
use crate::peers::{MiniStack, Moto};

const EMAIL: &str = "me@example.org";

fn tags() -> Tags {
    Tags::from([("photofinish".to_owned(), "quick".to_owned())])
}

fn budget(limit_usd: f64) -> BudgetSpec {
    let email = Some(EMAIL.to_owned());
    BudgetSpec { name: "pf-quick-budget".to_owned(), limit_usd, email, tags: tags() }
}

fn alarm(limit_usd: f64) -> AlarmSpec {
    let (name, email) = ("pf-quick-charges".to_owned(), EMAIL.to_owned());
    AlarmSpec { name, limit_usd, email, tags: tags() }
}

#[tokio::test]
async fn a_limit_is_watched_changed_and_let_go() {
    for peer in ["moto", "MiniStack"] {
        let (moto, ministack);
        let endpoint = if peer == "moto" {
            moto = Moto::start();
            moto.endpoint()
        } else {
            ministack = MiniStack::start();
            ministack.endpoint()
        };
        let cloud = connect(endpoint).await;
        let account = cloud.account().await.expect(peer);
        // moto changes no budget.
        let limits = if peer == "moto" { &[5.0][..] } else { &[5.0, 7.5] };
        for &limit in limits {
            cloud.ensure_budget(&account, &budget(limit)).await.expect(peer);
            // moto does not serve the protocol in which alarms are set.
            if peer == "MiniStack" {
                let told = cloud.ensure_billing_alarm(&alarm(limit)).await.expect(peer);
                let known = [Subscription::Pending, Subscription::Confirmed];
                assert!(known.contains(&told));
            }
        }
        let owned = Owned { prefix: "pf-quick-".to_owned(), tag: None };
        let money = [Sort::Budget, Sort::Alarm, Sort::Topic];
        let sorts = if peer == "moto" { &money[..1] } else { &money[..] };
        let removal = cloud.destroy(&owned, sorts).await.expect(peer);
        assert!(removal.is_complete(), "{peer}: {:?}", removal.remained);
        let gone: Vec<String> = removal.removed.iter().map(Resource::to_string).collect();
        assert_eq!(gone.len(), sorts.len(), "{peer}: {gone:?}");
        let again = cloud.destroy(&owned, sorts).await.expect(peer);
        assert!(again.removed.is_empty() && again.is_complete(), "{peer}: {again:?}");
    }
}
