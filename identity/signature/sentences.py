"""What can go wrong on the way to a signature, as the resident reads it."""

from identity.problems import Problem

AGAIN = "もう一度「マイナンバーカードで署名する」を押してください。"

SENTENCES = {
    Problem.CANCELLED: f"署名が取りやめられました。続けるには、{AGAIN}",
    Problem.EXPIRED: f"署名の画面の期限が切れたか、すでに使われています。{AGAIN}",
    Problem.BROWSER: (
        "署名を始めたブラウザーと、もどってきたブラウザーが違います。"
        f"プライベートブラウズをやめて、いつものブラウザーで、{AGAIN}"
    ),
    Problem.UNREACHABLE: (
        "署名のサービスに接続できないか、電子証明書が有効なことを確かめられませんでした。"
        "しばらく待ってから、もう一度お試しください。"
    ),
    Problem.REFUSED: (f"署名を確かめられませんでした。{AGAIN}続けて起きるときは、下の窓口にお問い合わせください。"),
    Problem.CLAIMS: "電子証明書から、申請に必要な情報を読み取れませんでした。下の窓口にお問い合わせください。",
    Problem.CHANGED: f"署名のあいだに、申請の内容が変わりました。下の内容を確かめて、{AGAIN}",
    Problem.REVOKED: (
        "このカードの署名用電子証明書は失効しています。引っ越しや結婚などで住所や氏名が変わると失効します。"
        "市区町村の窓口で、新しい署名用電子証明書の発行を受けてください。入力した内容は残っています。"
    ),
    Problem.ENDED: (
        "このカードの署名用電子証明書は、有効期間が過ぎています。"
        "市区町村の窓口で更新してください。入力した内容は残っています。"
    ),
}
