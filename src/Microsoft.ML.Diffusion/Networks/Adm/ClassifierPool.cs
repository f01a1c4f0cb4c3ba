using System.Text.Json.Serialization;

namespace Microsoft.ML.Diffusion;

/// <summary>How an <see cref="AdmClassifier"/> comes from places to classes.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<ClassifierPool>))]
public enum ClassifierPool
{
    /// <summary>The mean of all places (<c>adaptive</c>).</summary>
    Mean,

    /// <summary>A query from the mean attends to all places (<c>attention</c>): the paper's classifiers. Needs <see cref="AdmNetwork.HeadChannels"/>.</summary>
    Attention,

    /// <summary>The means of what every block found, through two layers (<c>spatial</c>).</summary>
    Features,

    /// <summary>The same, with a normalisation between the layers (<c>spatial_v2</c>).</summary>
    NormalisedFeatures,
}
