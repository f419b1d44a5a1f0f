"""What can go wrong on the way to a signature, as the resident reads it."""

from django.utils.translation import gettext_noop

from identity.problems import Problem

SENTENCES = {
    Problem.CANCELLED: gettext_noop(
        "署名が取りやめられました。続けるには、もう一度「マイナンバーカードで署名する」を押してください。"
    ),
    Problem.EXPIRED: gettext_noop(
        "署名の画面の期限が切れたか、すでに使われています。もう一度「マイナンバーカードで署名する」を押してください。"
    ),
    Problem.BROWSER: (
        gettext_noop(
            "署名を始めたブラウザーと、もどってきたブラウザーが違います。"
            "プライベートブラウズをやめて、いつものブラウザーで、もう一度「マイナンバーカードで署名する」を押してください。"
        )
    ),
    Problem.UNREACHABLE: (
        gettext_noop(
            "署名のサービスに接続できないか、電子証明書が有効なことを確かめられませんでした。"
            "しばらく待ってから、もう一度お試しください。"
        )
    ),
    Problem.REFUSED: (
        gettext_noop(
            "署名を確かめられませんでした。もう一度「マイナンバーカードで署名する」を押してください。続けて起きるときは、下の窓口にお問い合わせください。"
        )
    ),
    Problem.CLAIMS: gettext_noop(
        "電子証明書から、申請に必要な情報を読み取れませんでした。下の窓口にお問い合わせください。"
    ),
    Problem.CHANGED: gettext_noop(
        "署名のあいだに、申請の内容が変わりました。下の内容を確かめて、もう一度「マイナンバーカードで署名する」を押してください。"
    ),
    Problem.REVOKED: (
        gettext_noop(
            "このカードの署名用電子証明書は失効しています。引っ越しや結婚などで住所や氏名が変わると失効します。"
            "市区町村の窓口で、新しい署名用電子証明書の発行を受けてください。入力した内容は残っています。"
        )
    ),
    Problem.ENDED: (
        gettext_noop(
            "このカードの署名用電子証明書は、有効期間が過ぎています。"
            "市区町村の窓口で更新してください。入力した内容は残っています。"
        )
    ),
}
