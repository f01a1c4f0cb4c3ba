using System.Runtime.CompilerServices;
using Microsoft.ML.Diffusion.Transforms;

namespace Microsoft.ML.Diffusion;

/// <summary>Noise schedules.</summary>
public static class NoiseScheduleCatalog
{
    /// <summary>Says how a data column is destroyed by Gaussian noise, and measures the column. Comes before the trainer.</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="dataColumn">The data: a known-size vector of Single; with three dimensions (channels, height, width) a picture.</param>
    /// <param name="schedule">
    /// The noise schedule. Unless given: <see cref="KnownSchedules.EdmSmallImages"/> for pictures up to 64 × 64, else
    /// <see cref="KnownSchedules.Edm"/>.
    /// </param>
    /// <param name="options">Column names, image shape, codec, seed.</param>
    public static NoiseScheduleEstimator NoiseSchedule(
        this DiffusionTransformsCatalog catalog, string dataColumn, NoiseSchedule? schedule = null, NoiseScheduleEstimator.Options? options = null)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        return new NoiseScheduleEstimator(catalog.Environment, dataColumn, schedule is null ? null : new GaussianProcess(schedule), options);
    }

    /// <summary>
    /// Says how a data column is destroyed by Gaussian noise, on the schedule that suits it, and measures the column. Comes before the
    /// trainer.
    /// </summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="dataColumn">The data: a known-size vector of Single; with three dimensions (channels, height, width) a picture.</param>
    /// <param name="options">Column names, image shape, codec, seed; the defaults where null.</param>
    // new() { … } could be anything: here it is options.
    [OverloadResolutionPriority(1)]
    public static NoiseScheduleEstimator NoiseSchedule(
        this DiffusionTransformsCatalog catalog, string dataColumn, NoiseScheduleEstimator.Options? options)
        => catalog.NoiseSchedule(dataColumn, schedule: null, options);

    /// <summary>Says how a data column is destroyed by any process, and measures the column. Comes before the trainer.</summary>
    /// <param name="catalog">The catalog.</param>
    /// <param name="dataColumn">The data: a known-size vector of Single; with three dimensions (channels, height, width) a picture.</param>
    /// <param name="process">The process.</param>
    /// <param name="options">Column names, image shape, codec, seed.</param>
    // No schedule, null, is that of the other overload.
    [OverloadResolutionPriority(-1)]
    public static NoiseScheduleEstimator NoiseSchedule(
        this DiffusionTransformsCatalog catalog, string dataColumn, IForwardProcess process, NoiseScheduleEstimator.Options? options = null)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentNullException.ThrowIfNull(process);
        return new NoiseScheduleEstimator(catalog.Environment, dataColumn, process, options);
    }
}
