package dev.cresset.internal.loading;

import dev.cresset.ModelLoadException;
import dev.cresset.engine.Device;
import dev.cresset.engine.DeviceReport;
import dev.cresset.engine.Engine;
import dev.cresset.mar.ModelArchive;
import dev.cresset.mar.ModelConfig;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The GPUs that an archive's settings wish for, as TorchServe reads them: {@code deviceType: gpu} for any, {@code deviceIds} for some; where
 * one of these is not there, for any. A wish is granted where it can be. Without a GPU the model is computed on the CPU, and a line in the log
 * says so.
 */
public final class DeviceSelection {
    private static final System.Logger LOG = System.getLogger("dev.cresset");

    /** Of devices with as much memory left, each gets its turn. */
    private static final AtomicInteger TURN = new AtomicInteger();

    private DeviceSelection() {}

    /**
     * Those that the archive gets, the one with the most memory left first; the CPU if there is none, and nothing if its settings do not say.
     *
     * @param engine which engine is asked for
     * @param most how many
     * @throws IOException if the archive cannot be read
     * @throws ModelLoadException if it wishes to be split over several
     */
    public static List<Device> of(ModelArchive archive, Optional<String> engine, int most) throws IOException {
        ModelConfig settings = archive.config();
        settings.parallel().type().ifPresent(type -> {
            throw new ModelLoadException(archive.name() + ": its settings' parallelType is '"
                    + type.name().toLowerCase(Locale.ROOT)
                    + "', which splits one model over several devices; here a model is whole on each of its devices: name them in"
                    + " code (ModelOptions.device, Predictor.Builder.devices), or take the setting out");
        });
        boolean wishes = settings.deviceType()
                .map(type -> type == ModelConfig.DeviceType.GPU)
                .orElse(!settings.deviceIds().isEmpty());
        return wishes
                ? granted(
                        archive.name(),
                        settings.deviceIds(),
                        Engines.open(engine, ArchiveSources.format(archive)),
                        most)
                : List.of();
    }

    private static List<Device> granted(String archive, List<Integer> ids, Engine engine, int most) {
        List<DeviceReport> there = engine.devices().stream()
                .filter(report -> report.device().kind() == Device.Kind.CUDA)
                .toList();
        if (there.isEmpty()) {
            Device first = Device.cuda(0);
            LOG.log(
                    System.Logger.Level.WARNING,
                    archive + ": its settings wish for a GPU, and it is computed on the CPU: "
                            + engine.unavailable(first).orElse("there is none"));
            return List.of(Device.cpu());
        }
        List<DeviceReport> meant = there.stream()
                .filter(report -> ids.contains(report.device().index()))
                .toList();
        boolean areThere = meant.size() == ids.stream().distinct().count();
        if (!areThere) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    archive + ": its settings' deviceIds are " + ids + ", and there are only "
                            + there.stream().map(DeviceReport::device).toList() + ": any of them is taken");
        }
        return withMostFree(areThere && !ids.isEmpty() ? meant : there).stream()
                .limit(most)
                .map(DeviceReport::device)
                .toList();
    }

    private static List<DeviceReport> withMostFree(List<DeviceReport> reports) {
        List<DeviceReport> inTurn = new ArrayList<>(reports);
        Collections.rotate(inTurn, -Math.floorMod(TURN.getAndIncrement(), reports.size()));
        inTurn.sort(Comparator.comparingLong(DeviceReport::freeBytes).reversed());
        return inTurn;
    }
}
