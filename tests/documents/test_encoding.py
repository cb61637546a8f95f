"""Texts in legacy encodings are read as they were written, declared or not."""

# ruff: noqa: RUF001 (letters of many languages are what is tested)

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aiqa.documents.encoding import decode
from aiqa.errors import DocumentError

WRITTEN = (
    (
        (
            "Zażółć gęślą jaźń. Łucja Śliwińska kieruje magazynem, a wysyłka następuje w "
            "ciągu trzech dni roboczych."
        ),
        ["cp1250", "iso8859-2"],
    ),
    (
        (
            "Vedoucím skladu je Jiří Dvořák. Zboží odesíláme do tří pracovních dnů, "
            "reklamace vyřizuje paní Šťastná."
        ),
        ["cp1250", "iso8859-2"],
    ),
    (
        (
            "A raktár vezetője Szűcs Győző. Az árut három munkanapon belül küldjük, a "
            "reklamációkat Kőszegi úr intézi."
        ),
        ["cp1250", "iso8859-2"],
    ),
    (
        "Şeful depozitului este Ştefan Ţurcanu. Comenzile se livrează în trei zile lucrătoare.",
        ["cp1250", "iso8859-2"],
    ),
    (
        "Voditelj skladišta je Željko Šarić, a roba se šalje već sljedeći dan.",
        ["cp1250", "iso8859-2"],
    ),
    (
        (
            "Der Leiter des Lagers heißt Jürgen Groß. Bestellungen werden innerhalb von drei "
            "Tagen ausgeführt – auch für Österreich."
        ),
        ["cp1252"],
    ),
    (
        "Die Gebühr beträgt fünf Euro.",
        ["cp1252", "cp850", "mac_roman"],
    ),
    (
        (
            "Le gérant de l’entrepôt est François Lefèvre. Les retours sont acceptés dans un "
            "délai de dix jours, à vos frais."
        ),
        ["cp1252", "mac_roman"],
    ),
    (
        "Café façade",
        ["cp1252"],
    ),
    (
        "¿Cuándo abre el almacén? El señor Muñoz abrirá mañana.",
        ["cp1252"],
    ),
    (
        "El año",
        ["cp1252"],
    ),
    (
        "A reunião está marcada para amanhã. Não há exceções.",
        ["cp1252"],
    ),
    (
        "La città è più bella di così. Perché no?",
        ["cp1252"],
    ),
    (
        "Åsa går över ån för att köpa öl på lördag.",
        ["cp1252"],
    ),
    (
        "På øen bor der små børn, og færgen går hver søndag.",
        ["cp1252"],
    ),
    (
        "Það er þó ekki víst að veðrið verði gott á morgun. Þórður býr í bænum.",
        ["cp1252"],
    ),
    (
        "The fee is £5 — the “late” fee £10.",
        ["cp1252"],
    ),
    (
        "Naïve café owners pay 5 € a day…",
        ["cp1252"],
    ),
    (
        "It’s the keeper’s lamp.",
        ["cp1252"],
    ),
    (
        "Temperature 20° in May, 5 µm, ½ cup, © 2020 Acme®",
        ["cp1252"],
    ),
    (
        "Depo müdürü Şükrü Yıldız'dır. İade işlemleri on gün içinde yapılır, ğ harfi.",
        ["cp1254"],
    ),
    (
        (
            "Sandėlio vedėjas yra Jonas Žąsinas. Užsakymai išsiunčiami per tris dienas, "
            "grąžinimai priimami čia."
        ),
        ["cp1257"],
    ),
    (
        "Noliktavas vadītājs ir Jānis Bērziņš. Preces izsūta trīs dienu laikā, ļoti ātri.",
        ["cp1257"],
    ),
    (
        "Lao juhataja on Jüri Põld. Tellimused täidetakse kolme tööpäeva jooksul, õhtul ka.",
        ["cp1257", "cp1252"],
    ),
    (
        (
            "Начальником станции является Фёдор Щукин. Поезд отходит в шесть часов утра от "
            "второй платформы."
        ),
        ["cp1251", "koi8-r", "iso8859-5", "cp866"],
    ),
    (
        "ВАЖНОЕ ОБЪЯВЛЕНИЕ ДЛЯ ВСЕХ СОТРУДНИКОВ СКЛАДА",
        ["cp1251", "koi8-r", "cp866"],
    ),
    (
        "Привет, мир",
        ["cp1251", "koi8-r"],
    ),
    (
        "Server 5 статус: работает (OK). File config.txt найден.",
        ["cp1251", "koi8-r"],
    ),
    (
        "Начальником складу є Юрій Ґудзь. Відправлення їдуть щодня о шостій.",
        ["cp1251", "koi8-u"],
    ),
    (
        "Началникът на склада е Иван Петров. Пратките тръгват всяка сутрин.",
        ["cp1251"],
    ),
    (
        "Шеф магацина је Љубомир Ђорђевић. Њему се јавите сваког дана.",
        ["cp1251"],
    ),
    (
        "Загадчыкам склада з'яўляецца Ўладзімір. Гэта ён.",
        ["cp1251"],
    ),
    (
        (
            "Ο διευθυντής της αποθήκης είναι ο Νίκος Παπάς. Άλλες παραγγελίες αποστέλλονται "
            "κάθε Τρίτη."
        ),
        ["cp1253", "iso8859-7"],
    ),
    (
        "מנהל המחסן הוא יוסי כהן. המשלוחים יוצאים בכל יום שלישי.",
        ["cp1255"],
    ),
    (
        "مدير المستودع هو أحمد حسن. ترسل الطلبات كل يوم ثلاثاء.",
        ["cp1256", "iso8859-6"],
    ),
    (
        "ผู้จัดการคลังสินค้าคือคุณสมชาย ส่งสินค้าทุกวันอังคาร",
        ["cp874"],
    ),
    (
        "倉庫の責任者は山本さんです。返品は十日以内に受け付けます。",
        ["euc_jp", "cp932"],
    ),
    (
        "第1条 会社の名称は東京電力とする。",
        ["euc_jp", "cp932"],
    ),
    (
        "東京タワーの高さ",
        ["euc_jp", "cp932"],
    ),
    (
        "仓库的负责人是李小明，退货请在十四天之内办理。",
        ["gb18030"],
    ),
    (
        "公司名称：上海造船厂",
        ["gb18030"],
    ),
    (
        "倉庫的負責人是李小明，退貨請在十四天之內辦理。",
        ["big5hkscs", "gb18030"],
    ),
    (
        "창고 책임자는 김민수입니다. 물건은 매주 수요일과 금요일 오전 여덟 시에 내줍니다.",
        ["cp949"],
    ),
    (
        "환불 규정: 구입일로부터 열흘 이내",
        ["cp949"],
    ),
)
"""Words, and encodings that they were written in."""


@pytest.mark.parametrize(
    ("words", "encoding"),
    [(words, encoding) for words, encodings in WRITTEN for encoding in encodings],
)
def test_an_encoding_is_told_by_its_letters(words: str, encoding: str) -> None:
    assert decode(words.encode(encoding)) == words


@pytest.mark.parametrize(
    "encoding",
    ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be", "utf-16", "utf-32", "utf-8-sig"],
)
@pytest.mark.parametrize(
    "words",
    ["The orchard was planted in 1911.\nIt gave eighty barrels.", "Наш склад открыт.\nВсегда", "a",
     "这是中文文本。我们的公司在上海。\n", "日本語のテキストです。"],
)  # fmt: skip
def test_wide_encodings_are_read_with_and_without_a_mark(words: str, encoding: str) -> None:
    assert decode(words.encode(encoding)) == words


@pytest.mark.parametrize(
    ("head", "encoding"),
    [
        ('<meta charset="iso-8859-2">', "iso-8859-2"),
        ('<meta http-equiv="Content-Type" content="text/html; charset=windows-1250">', "cp1250"),
        ('<?xml version="1.0" encoding="ISO-8859-2"?>', "iso-8859-2"),
        ("# -*- coding: cp1250 -*-\n", "cp1250"),
    ],
)
def test_an_encoding_is_what_the_file_declares(head: str, encoding: str) -> None:
    # So short that its letters alone could be those of several languages.
    source = f"{head}<p>ľ</p>"
    assert decode(source.encode(encoding)) == source


def test_a_declaration_that_is_wrong_or_unknown_is_not_followed() -> None:
    for name in ("utf-16", "no-such", "base64", "ascii"):
        source = f'<meta charset="{name}"><p>Die Gebühr beträgt fünf Euro.</p>'
        assert decode(source.encode("cp1252")) == source


def test_japanese_mail_encoding_is_read() -> None:
    assert decode("倉庫の責任者".encode("iso2022_jp")) == "倉庫の責任者"


def test_a_few_wrong_bytes_do_not_change_the_encoding() -> None:
    assert decode("é".encode() * 30 + b"\xe9 x") == "é" * 30 + "\N{REPLACEMENT CHARACTER} x"


@given(st.text(alphabet=st.characters(exclude_categories=["Cs", "Cc"])))
def test_utf8_is_always_read_as_such(words: str) -> None:
    assert decode(words.encode("utf-8")).removeprefix("\ufeff") == words.removeprefix("\ufeff")


def test_bytes_without_words_are_refused() -> None:
    with pytest.raises(DocumentError, match="encoding"):
        decode(bytes([0x80, 0x01, 0x02, 0xFF, 0x03] * 20))


def test_a_short_text_with_a_euro_is_not_taken_for_one_of_dos() -> None:
    words = "Le moulin ouvre à 9 h, œuvre d'art, 5 €"
    assert decode(words.encode("iso8859-15")) == words
