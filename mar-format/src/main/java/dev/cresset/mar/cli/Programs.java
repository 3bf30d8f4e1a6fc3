package dev.cresset.mar.cli;

import dev.cresset.mar.ModelArchive;
import dev.cresset.pt2.Pt2Archive;
import dev.cresset.pt2.RangeConstraint;
import dev.cresset.pt2.internal.Pt2Head;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** The programs of {@code .pt2} files as people and programs see them. */
final class Programs {
    private Programs() {}

    /** What is done with a {@code .pt2}, which is lent. */
    interface Use {
        void with(Pt2Archive archive) throws IOException;
    }

    /** Unpacks an archive's model for as long as it is used, if it is a {@code .pt2}. */
    static void inside(ModelArchive archive, Use use) throws IOException {
        Optional<String> file = archive.manifest().model().serializedFile();
        if (file.isEmpty() || !isPt2(archive, file.get())) {
            return;
        }
        Path folder = Files.createTempDirectory("mar");
        Path unpacked = folder.resolve(file.get());
        try {
            archive.extract(file.get(), unpacked);
            try (Pt2Archive programs = Pt2Archive.open(unpacked)) {
                use.with(programs);
            }
        } finally {
            Files.deleteIfExists(unpacked);
            Files.delete(folder);
        }
    }

    private static boolean isPt2(ModelArchive archive, String file) throws IOException {
        try (InputStream in = archive.newInputStream(file)) {
            return Pt2Head.of(in.readNBytes(Pt2Head.LENGTH)).isExported();
        }
    }

    /** Adds the rows that tell of all programs. */
    static void addTo(Table table, Pt2Archive archive, boolean operators) throws IOException {
        for (ProgramFacts facts : ProgramFacts.of(archive)) {
            add(table, facts, operators);
        }
        for (String name : archive.compiledModels()) {
            table.row("compiled", Plain.text(name + ", native code of AOTInductor for " + target(archive, name)));
            table.row("", "not looked into, and not opened: torch.export.save saves the program itself");
        }
    }

    private static String target(Pt2Archive archive, String name) throws IOException {
        return archive.compiledModel(name).target();
    }

    private static void add(Table table, ProgramFacts facts, boolean operators) {
        table.row("program", Plain.text(facts.name()) + ", " + writer(facts));
        values(table, "input", facts.inputs());
        values(table, "output", facts.outputs());
        String label = "where";
        for (Map.Entry<String, RangeConstraint> range :
                facts.program().rangeConstraints().entrySet()) {
            table.row(label, Plain.text(range.getKey()) + " is " + range(range.getValue()));
            label = "";
        }
        tensors(table, "parameters", facts.parameters());
        tensors(table, "buffers", facts.buffers());
        tensors(table, "constants", facts.constants());
        int calls =
                facts.operators().values().stream().mapToInt(Integer::intValue).sum();
        table.row(
                "operators",
                calls + " calls of " + facts.operators().size() + (operators ? "" : "; --operators lists them"));
        if (operators) {
            facts.operators().forEach((name, count) -> table.row("", "  " + count + " x " + Plain.text(name)));
        }
    }

    private static String writer(ProgramFacts facts) {
        return "written by torch " + Plain.text(facts.program().torchVersion()) + ", schema "
                + facts.program().schemaVersion().major() + "."
                + facts.program().schemaVersion().minor();
    }

    private static void values(Table table, String label, List<ProgramFacts.Value> values) {
        String shown = values.size() == 1 ? label : label + "s";
        for (ProgramFacts.Value value : values) {
            table.row(shown, Plain.text((value.name() + " " + value.text()).strip()));
            shown = "";
        }
        if (values.isEmpty()) {
            table.row(shown, "none");
        }
    }

    private static String range(RangeConstraint range) {
        String least = range.minVal().map(String::valueOf).orElse("anything");
        return range.maxVal().map(most -> least + " to " + most).orElse(least + " or more");
    }

    private static void tensors(Table table, String label, ProgramFacts.Tensors tensors) {
        if (tensors.count() > 0) {
            table.row(
                    label,
                    tensors.count() == 1 ? "1 tensor" : tensors.count() + " tensors",
                    Plain.bytes(tensors.bytes()));
        }
    }

    /** Returns all of it in plain values, for a program. */
    static List<Object> described(Pt2Archive archive) throws IOException {
        List<Object> programs = new ArrayList<>();
        for (ProgramFacts facts : ProgramFacts.of(archive)) {
            Map<String, Object> one = new LinkedHashMap<>();
            one.put("name", facts.name());
            one.put("torchVersion", facts.program().torchVersion());
            one.put(
                    "schemaVersion",
                    facts.program().schemaVersion().major() + "."
                            + facts.program().schemaVersion().minor());
            one.put("inputs", described(facts.inputs()));
            one.put("outputs", described(facts.outputs()));
            one.put(
                    "ranges",
                    facts.program().rangeConstraints().entrySet().stream()
                            .collect(Collectors.toMap(
                                    Map.Entry::getKey,
                                    range -> range(range.getValue()),
                                    (a, b) -> a,
                                    LinkedHashMap::new)));
            one.put("parameters", described(facts.parameters()));
            one.put("buffers", described(facts.buffers()));
            one.put("constants", described(facts.constants()));
            one.put("operators", facts.operators());
            programs.add(one);
        }
        return programs;
    }

    private static Map<String, Object> described(ProgramFacts.Tensors tensors) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("count", tensors.count());
        fields.put("bytes", tensors.bytes());
        return fields;
    }

    private static List<Object> described(List<ProgramFacts.Value> values) {
        List<Object> all = new ArrayList<>();
        for (ProgramFacts.Value value : values) {
            Map<String, Object> one = new LinkedHashMap<>();
            one.put("name", value.name());
            one.put("type", value.type());
            if (value.isTensor()) {
                one.put("sizes", value.sizes());
            }
            all.add(one);
        }
        return all;
    }
}
