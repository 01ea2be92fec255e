"""Names, content types, relations and fields that documents of Office may have (ECMA-376, with
Microsoft's and WPS's extensions)."""

from __future__ import annotations

import re

from huitong.work.rules.checked import named

_PICTURE = r"[\w\- ]+\.(?i:png|jpe?g|gif|bmp|tiff?|emf|wmf)"
_COMMON = r"""
    \[Content_Types\]\.xml
    |_rels/\.rels
    |docProps/(?:app|core|custom)\.xml
    |docProps/thumbnail\.(?:jpe?g|png|emf|wmf)
    |docMetadata/LabelInfo\.xml
    |customXml/(?:item|itemProps)\d*\.xml
    |customXml/_rels/item\d*\.xml\.rels
    |package/services/metadata/core-properties/[0-9a-f]{32}\.psmdcp
"""
_SHAPES = r"""
    (?:charts/(?:chart|style|colors|chartEx)\d*
      |diagrams/(?:data|layout|quickStyle|colors|drawing)\d*
      |theme/(?:theme|themeOverride)\d*
    )\.xml
"""
_RELS = r"""
    (?:charts|diagrams|theme|drawings|worksheets|chartsheets|pivotTables|pivotCache|richData)
    /_rels/[\w\-]+\.(?:xml|vml)\.rels
"""
#: names of the parts of a letter
WORD = re.compile(
    rf"""
    {_COMMON}
    |word/(?:
        {_SHAPES}
        |{_RELS}
        |media/{_PICTURE}
        |fonts/font\d*\.odttf
        |_rels/[\w\-]+\.xml\.rels
        |glossary/_rels/document\.xml\.rels
        |(?:glossary/)?(?:
            document|styles|stylesWithEffects|settings|webSettings|fontTable|numbering|footnotes
            |endnotes|comments|commentsExtended|commentsIds|commentsExtensible|people
            |intelligence2?|header\d*|footer\d*
        )\.xml
    )""",
    re.VERBOSE,
)
#: names of the parts of a workbook
SHEETS = re.compile(
    rf"""
    {_COMMON}
    |xl/(?:
        {_SHAPES}
        |{_RELS}
        |media/{_PICTURE}
        |_rels/(?:workbook|cellimages|metadata)\.xml\.rels
        |(?:worksheets|chartsheets)/sheet\d*\.xml
        |drawings/(?:drawing|vmlDrawing|commentsDrawing|legacyDrawing)\d*\.(?:xml|vml)
        |tables/table\d*\.xml
        |comments\d*\.xml
        |comments/comment\d*\.xml
        |threadedComments/threadedComment\d*\.xml
        |persons/person\d*\.xml
        |pivotTables/pivotTable\d*\.xml
        |pivotCache/pivotCache(?:Definition|Records)\d*\.xml
        |printerSettings/printerSettings\d*\.bin
        |richData/\w+\.xml
        |featurePropertyBag/featurePropertyBag\d*\.xml
        |(?:workbook|styles|sharedStrings|calcChain|metadata|cellimages)\.xml
    )""",
    re.VERBOSE,
)
CONTENT_TYPE = re.compile(
    r"""
    application/xml
    |text/xml
    |image/(?:png|jpe?g|gif|bmp|tiff?|x-emf|x-wmf)
    |application/vnd\.openxmlformats-(?:
        package\.(?:relationships|core-properties)\+xml
        |officedocument\.(?:
            custom-properties|extended-properties|customXmlProperties|theme|themeOverride
            |vmlDrawing|obfuscatedFont|drawing
            |drawingml\.(?:chart|chartshapes|diagram(?:Data|Layout|Style|Colors))
            |wordprocessingml\.(?:
                document\.main|document\.glossary|styles|settings|webSettings|fontTable|numbering
                |footnotes|endnotes|comments|commentsExtended|commentsIds|commentsExtensible
                |people|header|footer
            )
            |spreadsheetml\.(?:
                sheet\.main|worksheet|chartsheet|sharedStrings|styles|calcChain|comments|table
                |pivotTable|pivotCacheDefinition|pivotCacheRecords|sheetMetadata|printerSettings
            )
        )(?:\+xml)?
    )
    |application/vnd\.ms-(?:
        office\.(?:
            chartstyle|chartcolorstyle|chartex|drawingml\.diagramDrawing|classificationlabels
            |intelligence2?
        )
        |word\.stylesWithEffects
        |excel\.(?:
            threadedcomments|person|featurepropertybag|rdrichvalue\w*|richvaluerel|rdarray
            |richstyles|rdsupportingpropertybag\w*
        )
    )\+xml
    |application/vnd\.wps-officedocument\.cellimage\+xml
    """,
    re.VERBOSE,
)
#: a relation's type: the family of ECMA-376 (transitional and strict), Microsoft or WPS, and the
#: kind, which is one of `RELATIONS`
RELATION = re.compile(
    r"""
    https?://(?:
        schemas\.openxmlformats\.org/(?:officeDocument|package)/2006/relationships(?:/metadata)?
        |purl\.oclc\.org/ooxml/officeDocument/relationships(?:/metadata)?
        |schemas\.microsoft\.com/office/(?:\w+/)*\d{4}(?:/\d+)?(?:/relationships)?
        |www\.wps\.cn/officeDocument/\d{4}
    )/(\w[\w\-]*)""",
    re.VERBOSE,
)
RELATIONS = named(
    "officeDocument core-properties extended-properties custom-properties thumbnail styles settings"
    " webSettings fontTable theme themeOverride numbering footnotes endnotes comments"
    " commentsExtended commentsIds commentsExtensible people header footer image customXml"
    " customXmlProps worksheet chartsheet sharedStrings calcChain drawing vmlDrawing chart chartEx"
    " chartStyle chartColorStyle chartUserShapes table pivotTable pivotCacheDefinition"
    " pivotCacheRecords printerSettings sheetMetadata person threadedComment stylesWithEffects"
    " glossaryDocument diagramData diagramLayout diagramQuickStyle diagramColors diagramDrawing"
    " font cellImage hyperlink classificationlabels rdRichValue rdRichValueStructure"
    " rdRichValueTypes richValueRel FeaturePropertyBag intelligence richStyles rdArray"
)
#: Word's fields that show what the document itself holds (ECMA-376 part 1, 17.16.5)
FIELDS = named(
    "PAGE NUMPAGES SECTION SECTIONPAGES PAGEREF REF NOTEREF STYLEREF SEQ TOC TC TOA TA INDEX XE"
    " DATE TIME CREATEDATE SAVEDATE PRINTDATE EDITTIME AUTHOR TITLE SUBJECT KEYWORDS COMMENTS"
    " FILENAME FILESIZE NUMCHARS NUMWORDS REVNUM LASTSAVEDBY USERNAME USERINITIALS USERADDRESS"
    " TEMPLATE INFO DOCPROPERTY DOCVARIABLE EQ SYMBOL LISTNUM AUTONUM AUTONUMLGL AUTONUMOUT ADVANCE"
    " MERGEFIELD FORMTEXT FORMCHECKBOX FORMDROPDOWN CITATION BIBLIOGRAPHY BARCODE DISPLAYBARCODE"
    " BIDIOUTLINE SHAPE IF MERGEREC MERGESEQ NEXT ADDIN ="
)
#: elements of a letter that bring objects, programs, other documents or data
FORBIDDEN_IN_WORD = named(
    "OLEObject control altChunk object subDoc attachedTemplate dataSource query connectString"
)
#: elements of a workbook that do
FORBIDDEN_IN_SHEETS = named(
    "oleObject control OLEObject ddeLink webPublishItem externalReference controls oleObjects"
)
#: elements of a workbook whose text is a formula
FORMULAS = named(
    "f definedName formula formula1 formula2 calculatedColumnFormula FmlaMacro FmlaLink"
)
