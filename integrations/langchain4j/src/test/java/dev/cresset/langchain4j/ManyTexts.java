package dev.cresset.langchain4j;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Texts of many languages and lengths. */
final class ManyTexts {

    private static final List<String> SENTENCES = List.of(
            "A cresset is a basket of iron on a pole, in which wood or pitch was burnt to light the way.",
            "Ein Feuerkorb beleuchtete früher Höfe, Türme und Landungsstege.",
            "La lumière d'une torche suffisait à guider les voyageurs dans la nuit.",
            "El faro más antiguo que sigue en funcionamiento está en La Coruña.",
            "Il mare era calmo, e la luna si specchiava nell'acqua.",
            "O navio chegou ao porto antes do amanhecer.",
            "Het schip voer langzaam langs de verlichte kade.",
            "Skeppet gled förbi fyren utan ett ljud.",
            "Laiva lipui hiljaa majakan ohi.",
            "Statek minął latarnię morską tuż przed świtem.",
            "Loď proplula kolem majáku za úsvitu.",
            "A hajó hajnal előtt elhaladt a világítótorony mellett.",
            "Gemi şafaktan önce fenerin yanından geçti.",
            "Корабль прошёл мимо маяка перед рассветом.",
            "Кораб мина покрай фара призори.",
            "Το πλοίο πέρασε από τον φάρο πριν από την αυγή.",
            "עברה הספינה על פני המגדלור לפני עלות השחר.",
            "مرت السفينة بالمنارة قبل الفجر.",
            "जहाज़ भोर से पहले प्रकाशस्तंभ के पास से गुज़रा।",
            "เรือแล่นผ่านประภาคารก่อนรุ่งสาง",
            "船在黎明前驶过了灯塔。",
            "船は夜明け前に灯台を通り過ぎた。",
            "배는 동이 트기 전에 등대를 지나갔다.",
            "Con tàu đi ngang qua ngọn hải đăng trước bình minh.",
            "SELECT name, light_range FROM lighthouses WHERE height > 40.5 AND NOT ruined;",
            "https://example.org/lights?id=42&lang=en#top (last seen 1999-12-31, 23:59:59)",
            "😀 café naïve coöperate Ærø ½ № ™ “quoted” – dash … end");

    private ManyTexts() {}

    /** So many texts, from a word to some hundred, each of one language or several. */
    static List<String> of(int count) {
        Random random = new Random(24);
        List<String> texts = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            String first = SENTENCES.get(i % SENTENCES.size());
            switch (i / SENTENCES.size() % 4) {
                case 0 -> texts.add(first);
                case 1 -> texts.add(first.contains(" ") ? first.substring(0, first.indexOf(' ')) : first);
                case 2 -> texts.add(joined(first, random, 1 + random.nextInt(3)));
                default -> texts.add(joined(first, random, 4 + random.nextInt(8)));
            }
        }
        return texts;
    }

    private static String joined(String first, Random random, int more) {
        StringBuilder text = new StringBuilder(first);
        for (int i = 0; i < more; i++) {
            text.append(' ').append(SENTENCES.get(random.nextInt(SENTENCES.size())));
        }
        return text.toString();
    }
}
