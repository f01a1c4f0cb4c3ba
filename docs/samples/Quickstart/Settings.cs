namespace Quickstart;

/// <summary>What the command line says.</summary>
internal sealed record Settings
{
    /// <summary>A folder of IDX files, or of a folder of pictures for each class; null takes the shapes made in code.</summary>
    public string? Data { get; init; }

    /// <summary>The names of classes 0, 1, 2 … of IDX files.</summary>
    public IReadOnlyList<string>? Classes { get; init; }

    /// <summary>The size to which pictures of a folder are resized.</summary>
    public int? Size { get; init; }

    /// <summary>How long to train.</summary>
    public TimeSpan? Time { get; init; }

    /// <summary>How many steps to train; null for as many as the time allows.</summary>
    public int? Steps { get; init; }

    /// <summary>The strength of guidance: 1 is none.</summary>
    public float Guidance { get; init; }

    /// <summary>The number of samples of each class.</summary>
    public int Count { get; init; }

    public int Seed { get; init; }

    /// <summary>Where everything goes.</summary>
    public string Output { get; init; } = "";

    /// <summary>A saved model to sample from, instead of training.</summary>
    public string? Model { get; init; }
}
