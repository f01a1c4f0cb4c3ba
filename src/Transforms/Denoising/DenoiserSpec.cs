namespace Microsoft.ML.Diffusion.Transforms;

/// <summary>What a trained denoiser is, its weights apart.</summary>
/// <remarks>Immutable and thread safe. Stored as JSON in model files.</remarks>
/// <param name="Network">The architecture.</param>
/// <param name="Parameterization">What the network predicts.</param>
/// <param name="Process">The process that it was trained to revert.</param>
/// <param name="Codec">The way between the user's data and model space.</param>
/// <param name="Shape">The shape of a sample.</param>
/// <param name="DataScale">σ_data, the standard deviation of the data in model space; positive.</param>
/// <param name="Conditions">The network's conditions, one for each condition column.</param>
/// <param name="LevelInput">What the network is told about the noise level; <see cref="KnownLevelInputs.LogRatio"/> where null.</param>
/// <param name="Dropout">How often training left conditions out; null where that is not known, as of models that were trained elsewhere.</param>
/// <param name="SlotNames">The names of the places of the data column, which samples get too; null where it has none.</param>
public sealed record DenoiserSpec(
    Network Network,
    Parameterization Parameterization,
    IForwardProcess Process,
    IDataCodec Codec,
    DataShape Shape,
    double DataScale,
    ConditionLayout Conditions,
    LevelInput? LevelInput = null,
    ConditionDropout? Dropout = null,
    IReadOnlyList<string>? SlotNames = null);
