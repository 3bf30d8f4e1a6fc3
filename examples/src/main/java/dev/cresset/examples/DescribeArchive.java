package dev.cresset.examples;

import dev.cresset.mar.ArchiveException;
import dev.cresset.mar.ArchiveFormat;
import dev.cresset.mar.Manifest;
import dev.cresset.mar.ManifestModel;
import dev.cresset.mar.ModelArchive;
import dev.cresset.mar.ModelConfig;
import dev.cresset.mar.ModelRuntime;
import dev.cresset.mar.ProgressListener;
import java.io.IOException;
import java.nio.file.Path;

/**
 * Reads an archive, checks every byte of it, and says what it holds and asks for: {@code DescribeArchive model.mar}. It needs no
 * engine, only {@code cresset-mar-format}.
 */
public final class DescribeArchive {

    private DescribeArchive() {}

    /** Runs the example. */
    public static void main(String[] args) throws IOException {
        Path file = Path.of(args.length > 0 ? args[0] : "fixtures/digits/digits.mar");
        try (ModelArchive archive = ModelArchive.open(file)) {
            show(archive);
            ProgressListener progress = (entry, bytes, all) -> {
                if (bytes == all) {
                    System.out.println("checked " + all + " bytes, the last of them in " + entry);
                }
            };
            archive.verify(progress);
        } catch (ArchiveException e) {
            ArchiveException.Rule broken = e.rule();
            System.out.println("refused by " + broken + ": " + e.getMessage());
        }
    }

    private static void show(ModelArchive archive) {
        Manifest manifest = archive.manifest();
        ManifestModel model = manifest.model();
        ArchiveFormat format = archive.format();
        ModelRuntime runtime = manifest.runtime();
        System.out.println(model.modelName() + " " + model.modelVersion() + ", a " + format + " for " + runtime.text());
        System.out.println("handler " + model.handler().orElse("none") + ", model "
                + model.serializedFile().orElse("none"));
        show(archive.config());
    }

    /** What TorchServe would do with it; Cresset heeds what {@code docs/mar-format.md} lists. */
    private static void show(ModelConfig config) {
        config.batchSize().ifPresent(size -> System.out.println("batches of " + size));
        config.deviceType()
                .filter(type -> type == ModelConfig.DeviceType.GPU)
                .ifPresent(type -> System.out.println("wants GPUs " + config.deviceIds()));
        ModelConfig.Sequences sequences = config.sequences();
        if (sequences.sequenceBatching()) {
            System.out.println("requests of a sequence go to one worker, " + sequences.maxNum() + " at once");
        }
        ModelConfig.Parallel parallel = config.parallel();
        if (parallel.type()
                .filter(type -> type != ModelConfig.ParallelType.CUSTOM)
                .isPresent()) {
            int processes =
                    parallel.torchrun().map(ModelConfig.Torchrun::nprocPerNode).orElse(1);
            System.out.println("spread over " + processes + " processes, which Cresset does not do");
        }
        config.warnings().forEach(System.out::println);
    }
}
