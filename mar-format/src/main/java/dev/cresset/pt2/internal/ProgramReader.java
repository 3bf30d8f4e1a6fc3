package dev.cresset.pt2.internal;

import dev.cresset.mar.ArchiveException;
import dev.cresset.mar.ArchiveException.Rule;
import dev.cresset.mar.ArchiveLimits;
import dev.cresset.mar.internal.archive.Refusals;
import dev.cresset.pt2.ExportedProgram;
import dev.cresset.pt2.GraphModule;
import dev.cresset.pt2.ModuleCallEntry;
import dev.cresset.pt2.ModuleCallSignature;
import dev.cresset.pt2.NamedTupleDef;
import dev.cresset.pt2.SchemaVersion;
import dev.cresset.pt2.TreeSpec;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/** Turns a program's JSON into an {@link ExportedProgram}. */
public final class ProgramReader {
    private static final long MAJOR = 8;

    private final JsonReading reading;

    private ProgramReader(JsonReading reading) {
        this.reading = reading;
    }

    public static ExportedProgram read(byte[] json, String entry, ArchiveLimits limits, Refusals refusals)
            throws ArchiveException {
        return new ProgramReader(new JsonReading(entry, limits, refusals)).read(json);
    }

    private ExportedProgram read(byte[] json) throws ArchiveException {
        // First, though it comes last in the text: of another version, anything may be in another place.
        requireVersion(reading.read(json, this::version));
        ExportedProgram program =
                reading.read(json, parser -> RecordReader.read(ExportedProgram.class, reading, parser));
        return withFields(program);
    }

    private Written version(JsonParser parser) throws ArchiveException {
        if (parser.currentToken() != JsonToken.START_OBJECT) {
            throw reading.unexpected(parser, "an object");
        }
        Optional<SchemaVersion> version = Optional.empty();
        String torch = "an unknown version";
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String field = parser.currentName();
            parser.nextToken();
            if (field.equals("schema_version")) {
                version = Optional.of(RecordReader.read(SchemaVersion.class, reading, parser));
            } else if (field.equals("torch_version") && parser.currentToken() == JsonToken.VALUE_STRING) {
                torch = parser.getString();
            } else {
                parser.skipChildren();
            }
        }
        return new Written(version.orElseThrow(() -> reading.syntax("has no 'schema_version'")), torch);
    }

    /** Which schema a program is written by, and which torch wrote it. */
    private record Written(SchemaVersion version, String torch) {}

    private void requireVersion(Written written) throws ArchiveException {
        long major = written.version().major();
        if (major != MAJOR) {
            throw reading.refusals()
                    .entry(
                            Rule.PROGRAM_VERSION,
                            reading.entry(),
                            "is written by version " + major + "."
                                    + written.version().minor()
                                    + " of export's schema (torch " + Refusals.quoted(written.torch()) + "), expected "
                                    + MAJOR
                                    + "; "
                                    + (major < MAJOR
                                            ? "export the model again, with torch 2.9 or newer"
                                            : "use a newer version of this library"));
        }
    }

    /** Puts the fields of named tuples, which stand elsewhere, into the trees. */
    private static ExportedProgram withFields(ExportedProgram program) {
        GraphModule module = program.graphModule();
        Map<String, NamedTupleDef> fields = module.treespecNamedtupleFields();
        if (fields.isEmpty()) {
            return program;
        }
        List<ModuleCallEntry> calls = module.moduleCallGraph().stream()
                .map(call -> new ModuleCallEntry(
                        call.fqn(),
                        call.signature()
                                .map(one -> new ModuleCallSignature(
                                        one.inputs(),
                                        one.outputs(),
                                        withFields(one.inSpec(), fields),
                                        withFields(one.outSpec(), fields),
                                        one.forwardArgNames()))))
                .toList();
        return new ExportedProgram(
                new GraphModule(module.graph(), module.signature(), calls, module.metadata(), fields),
                program.opsetVersion(),
                program.rangeConstraints(),
                program.schemaVersion(),
                program.verifiers(),
                program.torchVersion(),
                program.guardsCode());
    }

    private static TreeSpec withFields(TreeSpec tree, Map<String, NamedTupleDef> fields) {
        List<TreeSpec> children =
                tree.children().stream().map(child -> withFields(child, fields)).toList();
        if (tree instanceof TreeSpec.NamedTuple tuple) {
            NamedTupleDef known = fields.get(tuple.type());
            return new TreeSpec.NamedTuple(
                    tuple.type(),
                    known != null && known.fieldNames().size() == children.size() ? known.fieldNames() : List.of(),
                    children);
        } else if (tree instanceof TreeSpec.Tuple) {
            return new TreeSpec.Tuple(children);
        } else if (tree instanceof TreeSpec.Sequence list) {
            return new TreeSpec.Sequence(list.type(), children);
        } else if (tree instanceof TreeSpec.Mapping map) {
            return new TreeSpec.Mapping(map.type(), map.keys(), children);
        } else if (tree instanceof TreeSpec.DataClass data) {
            return new TreeSpec.DataClass(data.type(), data.fields(), data.noneFields(), children);
        } else if (tree instanceof TreeSpec.Other other) {
            return new TreeSpec.Other(other.type(), other.context(), children);
        }
        return tree;
    }
}
