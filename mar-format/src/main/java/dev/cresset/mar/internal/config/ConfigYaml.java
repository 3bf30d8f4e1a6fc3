package dev.cresset.mar.internal.config;

import dev.cresset.mar.ArchiveException;
import dev.cresset.mar.ArchiveException.Rule;
import dev.cresset.mar.internal.archive.Refusals;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Date;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.Tag;

/**
 * Reads an archive's settings into plain values that cannot be changed: YAML 1.1, as TorchServe and Python's
 * {@code safe_load} read it, with no other types than YAML's own.
 *
 * <p>An alias stands for what it repeats. Ten aliases of ten aliases are a hundred values to whoever walks over them, so
 * values are counted as often as they would be met.
 */
public final class ConfigYaml {
    private static final int DEEPEST = 50;
    private static final int MOST_ALIASES = 50;
    private static final int MOST_VALUES = 100_000;
    private static final int LONGEST_NUMBER = 1_000;

    private final String entry;
    private final Refusals refusals;
    private int values;

    public ConfigYaml(String entry, Refusals refusals) {
        this.entry = entry;
        this.refusals = refusals;
    }

    public Map<String, Object> parse(byte[] yaml) throws ArchiveException {
        // Decoded here, as UTF-8 whatever the bytes look like: the parser would guess.
        String text = new String(yaml, StandardCharsets.UTF_8);
        Object value;
        try {
            value = new Yaml(new Plain(options())).load(text.startsWith("\ufeff") ? text.substring(1) : text);
        } catch (RuntimeException e) {
            throw refusals.entry(
                    Rule.CONFIG_SYNTAX, entry, "is not valid YAML " + problem(e) + "; mend it and pack again", e);
        }
        if (value == null) {
            return Map.of();
        }
        if (value instanceof Map<?, ?> map) {
            return frozen(map, 0);
        }
        throw refusals.entry(
                Rule.CONFIG_SYNTAX,
                entry,
                "holds " + (value instanceof List ? "a list" : "a single value")
                        + ", expected a mapping such as 'batchSize: 8'; mend it and pack again");
    }

    private static LoaderOptions options() {
        LoaderOptions options = new LoaderOptions();
        options.setNestingDepthLimit(DEEPEST);
        options.setMaxAliasesForCollections(MOST_ALIASES);
        options.setAllowRecursiveKeys(false);
        options.setWarnOnDuplicateKeys(false);
        options.setCodePointLimit(Integer.MAX_VALUE); // ArchiveLimits.maxConfigBytes holds.
        return options;
    }

    /** The parser's own message is many lines long. */
    private static String problem(RuntimeException failure) {
        return failure instanceof MarkedYAMLException e && e.getProblemMark() != null
                ? "at line " + (e.getProblemMark().getLine() + 1) + ", column "
                        + (e.getProblemMark().getColumn() + 1) + " (" + Refusals.quoted(String.valueOf(e.getProblem()))
                        + ")"
                : Refusals.reason(failure);
    }

    private Map<String, Object> frozen(Map<?, ?> map, int depth) throws ArchiveException {
        Map<String, Object> copy = new LinkedHashMap<>();
        for (Map.Entry<?, ?> field : map.entrySet()) {
            copy.put(String.valueOf(field.getKey()), frozen(field.getValue(), depth + 1));
        }
        return Collections.unmodifiableMap(copy);
    }

    @SuppressWarnings("NullAway") // YAML's null stays null in a map or a list.
    private @Nullable Object frozen(@Nullable Object value, int depth) throws ArchiveException {
        if (++values > MOST_VALUES || depth > DEEPEST) {
            throw refusals.entry(
                    Rule.LIMIT,
                    entry,
                    "holds more than " + Refusals.number(MOST_VALUES) + " values, aliases counted as what they repeat,"
                            + " or nests deeper than " + DEEPEST + "; write fewer");
        }
        if (value instanceof Map<?, ?> map) {
            return frozen(map, depth);
        }
        if (value instanceof Collection<?> collection) {
            List<Object> copy = new ArrayList<>();
            for (Object element : collection) {
                copy.add(frozen(element, depth + 1));
            }
            return Collections.unmodifiableList(copy);
        }
        return value instanceof Date date ? date.toInstant() : value;
    }

    /** Makes YAML's own types and no other, and no number so long that reading it takes seconds. */
    private static final class Plain extends SafeConstructor {
        Plain(LoaderOptions options) {
            super(options);
            // Written by nobody, and their keys are hashed unseen.
            yamlConstructors.remove(Tag.OMAP);
            yamlConstructors.remove(Tag.PAIRS);
        }

        @Override
        protected void constructMapping2ndStep(MappingNode node, Map<Object, Object> mapping) {
            flattenMapping(node);
            requirePlainKeys(node);
            super.constructMapping2ndStep(node, mapping);
        }

        @Override
        protected void constructSet2ndStep(MappingNode node, Set<Object> set) {
            flattenMapping(node);
            requirePlainKeys(node);
            super.constructSet2ndStep(node, set);
        }

        /** To hash a list of aliases takes as long as to walk over all that it stands for. Python cannot hash one at all. */
        private static void requirePlainKeys(MappingNode node) {
            for (NodeTuple field : node.getValue()) {
                if (!(field.getKeyNode() instanceof ScalarNode)) {
                    throw new IllegalArgumentException("a list or a mapping as a key, expected a single value");
                }
            }
        }

        @Override
        protected Object constructObject(Node node) {
            boolean number = node.getTag().equals(Tag.INT) || node.getTag().equals(Tag.FLOAT);
            if (number && node instanceof ScalarNode scalar && scalar.getValue().length() > LONGEST_NUMBER) {
                throw new IllegalArgumentException(
                        "a number of " + scalar.getValue().length() + " digits, expected at most " + LONGEST_NUMBER);
            }
            return super.constructObject(node);
        }
    }
}
