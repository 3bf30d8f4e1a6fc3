package dev.cresset.mar.internal.manifest;

import dev.cresset.mar.ArchiveException;
import dev.cresset.mar.ArchiveException.Rule;
import dev.cresset.mar.ModelRuntime;
import dev.cresset.mar.internal.archive.Refusals;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What an archive without {@code MAR-INF/MANIFEST.json} is.
 *
 * <p>To TorchServe it is an archive whose name is its file's and whose version is 1.0, and so it is here. But three such
 * archives are mistakes that would only show when the model is wanted, and are refused: one packed with its folder around
 * it, a workflow archive ({@code .war}), and a bare PyTorch file, which is a zip, too.
 */
final class MissingManifest {
    private final Set<String> names;
    private final Refusals refusals;

    MissingManifest(Set<String> names, Refusals refusals) {
        this.names = names;
        this.refusals = refusals;
    }

    ManifestValues orRefusal() throws ArchiveException {
        if (names.isEmpty()) {
            throw missing("and no other file");
        }
        if (names.contains("WAR-INF/MANIFEST.json")) {
            throw missing("but 'WAR-INF/MANIFEST.json': it is a TorchServe workflow; open the archives that it names");
        }
        for (String name : names) {
            if (name.regionMatches(
                    /* ignoreCase= */ true,
                    name.length() - ManifestReader.ENTRY.length(),
                    ManifestReader.ENTRY,
                    0,
                    ManifestReader.ENTRY.length())) {
                throw missing("but " + Refusals.quoted(name)
                        + "; pack what is in the folder, not the folder, and keep upper and lower case");
            }
            if (name.endsWith("/data.pkl")) {
                throw missing("but " + Refusals.quoted(name)
                        + ": it is a PyTorch model file itself; pack it with torch-model-archiver --serialized-file");
            }
        }
        return named();
    }

    private ManifestValues named() {
        // Whatever is no letter of a word becomes _, as TorchServe names the model of such a file.
        String name = refusals.fileName().replaceFirst("\\.(mar|model)$", "").replaceAll("\\W", "_");
        ModelValues model = new ModelValues(
                name,
                "1.0",
                /* handler= */ "",
                /* serializedFile= */ Optional.empty(),
                /* modelFile= */ Optional.empty(),
                /* requirementsFile= */ Optional.empty(),
                /* configFile= */ Optional.empty(),
                /* envelope= */ Optional.empty(),
                /* description= */ Optional.empty(),
                /* extensions= */ Optional.empty(),
                Map.of());
        return new ManifestValues(
                model,
                ModelRuntime.PYTHON,
                /* createdOn= */ Optional.empty(),
                /* archiverVersion= */ Optional.empty(),
                /* description= */ Optional.empty(),
                Map.of());
    }

    private ArchiveException missing(String instead) {
        return refusals.manifest(Rule.MISSING_MANIFEST, "has no " + ManifestReader.ENTRY + ", " + instead);
    }
}
